;; Its result is all of its 64 MiB, zeros.
;; expect: 422 guest_missing_source
(module
  (memory (export "memory") 1024)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x00000000_04000000)))
