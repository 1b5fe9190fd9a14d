;; Fills a table with 100,000 elements 16,000 times, without a loop.
;; expect: 422 guest_timeout
(module
  (memory (export "memory") 2)
  (table $t 100000 funcref)
  (func $f)
  (elem $e func {{100000 × $f }})
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    {{16000 × (table.init $t $e (i32.const 0) (i32.const 0) (table.size $t)) }}
    (unreachable)))
