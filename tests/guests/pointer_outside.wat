;; Says that its result stands at 3 GiB, where it has no memory.
(module
  (memory (export "memory") 4)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.const 0xC0000000) (i64.const 32)) (i64.const 16))))
