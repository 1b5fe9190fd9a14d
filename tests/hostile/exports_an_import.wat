;; Its mg_alloc is the host's fd_close, its mg_configure the host's args_get: both have the right type. An errno is taken for a pointer.
;; expect: 200
;; denied: fd_close=2
(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (export "mg_alloc" (func $close))
  (export "mg_configure" (func $args))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
