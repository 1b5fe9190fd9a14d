;; Has a memory of 64-bit addresses, where sums of 64 bits could wrap around.
;; expect: refused module_invalid
(module
  (memory (export "memory") i64 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
