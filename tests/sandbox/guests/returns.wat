;; Gives back one frame, whatever it is given.
;;   frame: its bytes, escaped as in a WAT string
;;   pointer, length: what mg_transform says it returns
;;   alloc: what mg_alloc returns
;;   memory: pages
(module
  (memory (export "memory") {{memory:2}})
  (data (i32.const 1024) "{{frame:}}")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const {{alloc:65536}}))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param i32 i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (i32.const {{pointer:1024}})) (i64.const 32))
      (i64.extend_i32_u (i32.const {{length:0}})))))
