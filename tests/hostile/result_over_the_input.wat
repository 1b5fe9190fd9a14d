;; Writes its result over its input, which nobody needs any more.
;; expect: 200
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i32.store (local.get $in) (i32.const 1))
    (i64.store offset=4 (local.get $in) (i64.const 0))
    (i32.store offset=12 (local.get $in) (i32.const 2))
    (i32.store offset=16 (local.get $in) (i32.const 0))
    (i32.store16 offset=20 (local.get $in) (i32.const 0x7d7b))  ;; {}
    (i64.or (i64.shl (i64.extend_i32_u (local.get $in)) (i64.const 32)) (i64.const 22))))
