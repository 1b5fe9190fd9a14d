;; Gives its input back as its result: what came as ends reads as an entry.
;; expect: 422 guest_bad_frame
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $in)) (i64.const 32)) (i64.extend_i32_u (local.get $len)))))
