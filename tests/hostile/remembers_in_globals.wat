;; Counts its calls, in a global and in a table, and gives up at the second.
;; expect: 200
;; asks: 3
(module
  (memory (export "memory") 2)
  (global $calls (mut i32) (i32.const 0))
  (table $t 1 1 funcref)
  (elem declare func $mark)
  (func $mark)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (if (global.get $calls) (then unreachable))
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 0)))) (then unreachable))
    (global.set $calls (i32.const 1))
    (table.set $t (i32.const 0) (ref.func $mark))
    (i64.const 0x0000_0400_0000_0016)))
