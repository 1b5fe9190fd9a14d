;; Has a memory without a byte, which begins where the host then says it does.
;; expect: 200
(module
  (memory (export "memory") 0)
  (func (export "mg_alloc") (param i32) (result i32) (drop (memory.grow (i32.const 1))) (i32.const 8192))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data $frame "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.init $frame (i32.const 1024) (i32.const 0) (i32.const 22))
    (i64.const 0x0000_0400_0000_0016)))
