;; Asks for the secret of the pseudonyms, and for one whose name has 4 GiB.
;; expect: 200
;; denied: maskgate.secret=2
(module
  (import "maskgate" "secret" (func $secret (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 2048) "pseudonym")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (drop (call $secret (i32.const 2048) (i32.const 9) (i32.const 3072) (i32.const 64)))
    (drop (call $secret (i32.const 0) (i32.const -1) (i32.const 3072) (i32.const -1)))
    (if (i64.ne (i64.load (i32.const 3072)) (i64.const 0)) (then unreachable))
    (i64.const 0x0000_0400_0000_0016)))
