;; May log, and gives 2³² - 1 buffers, each of 4 GiB.
;; expect: 200
;; behind: mask
;; manifest: {capabilities: {required: [log]}}
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.store (i32.const 512) (i64.const 0xffff_ffff_0000_0000))
    (drop (call $write (i32.const 1) (i32.const 512) (i32.const -1) (i32.const 520)))
    (drop (call $write (i32.const 1) (i32.const -8) (i32.const -1) (i32.const -1)))
    (drop (call $write (i32.const -1) (i32.const 512) (i32.const 1) (i32.const 520)))
    (i64.const 0x0000_0400_0000_0016)))
