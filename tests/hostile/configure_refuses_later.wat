;; Accepts its configuration while it is loaded, and refuses it when it is to work. It has no memory of the first time: a variable
;; of the environment tells it, which the test sets in between.
;; expect: 422 guest_refused_config
;; manifest: {capabilities: {required: ["env:MASKGATE_HOSTILE"]}}
;; then: MASKGATE_HOSTILE=1
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param $at i32) (param $size i32) (result i32) (drop (call $sizes (i32.const 512) (i32.const 516))) (i32.load (i32.const 512)))
  (func (export "mg_error") (result i64) (i64.const 0x00000400_00000016))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
