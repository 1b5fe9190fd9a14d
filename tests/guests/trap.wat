;; Gives up at once.
(module
  (memory (export "memory") 4)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    unreachable))
