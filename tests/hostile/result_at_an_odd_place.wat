;; Its result stands at an address that no number of four bytes should.
;; expect: 200
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1025) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0401_0000_0016)))
