;; Doesn't accept its configuration, and says why.
;;   text: at 1024;  pointer, length: what mg_error says where it is
(module
  (memory (export "memory") 2)
  (data (i32.const 1024) "{{text:rules[2]: no such treatment}}")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 1))
  (func (export "mg_error") (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (i32.const {{pointer:1024}})) (i64.const 32))
      (i64.extend_i32_u (i32.const {{length:27}}))))
  (func (export "mg_transform") (param i32 i32) (result i64) (i64.const 0)))
