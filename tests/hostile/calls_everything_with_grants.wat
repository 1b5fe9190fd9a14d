;; Holds every grant that there is, and calls every function with -1 for every pointer, length, descriptor and number.
;; expect: 200
;; behind: mask
;; manifest: {capabilities: {required: [clock, random, log, "env:HOME", "secret:pseudonym"]}}
;; denied: rest
(module
  {{imports}}
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    {{calls -1}}
    (i64.const 0x0000_0400_0000_0016)))
