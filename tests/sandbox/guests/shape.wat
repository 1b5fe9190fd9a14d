;; A module of which one part can be given another shape.
(module
  {{imports:}}
  {{memory:(memory (export "memory") 2)}}
  {{initialize:}}
  {{mg_alloc:(func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))}}
  {{mg_configure:(func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))}}
  {{mg_transform:(func (export "mg_transform") (param i32 i32) (result i64) (i64.const 0))}}
  {{mg_error:(func (export "mg_error") (result i64) (i64.const 0))}})
