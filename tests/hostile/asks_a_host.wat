;; Sends its message to a host, without a grant.
;; expect: 200
;; denied: maskgate.http=2
(module
  (import "maskgate" "http" (func $http (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 2048) "{\22url\22:\22https://203.0.113.9/\22,\22body\22:\22zoe\22}")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (drop (call $http (i32.const 2048) (i32.const 43) (i32.const 3072) (i32.const 64)))
    (drop (call $http (i32.const -1) (i32.const -1) (i32.const -1) (i32.const -1)))
    (i64.const 0x0000_0400_0000_0016)))
