;; Never comes back, and spends its time in an instruction that takes long: it fills 60 MiB again and again.
;; expect: 422 guest_timeout
(module
  (memory (export "memory") 1000)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (loop $on (memory.fill (i32.const 0) (i32.const 7) (i32.const 0x3c00000)) (br $on))
    (unreachable)))
