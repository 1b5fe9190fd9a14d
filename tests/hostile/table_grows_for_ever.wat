;; Grows a table until it gets no more, and says so if it got more than it may.
;; expect: 422 guest_trap
(module
  (memory (export "memory") 2)
  (table $t 1 funcref)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
    (if (i32.gt_u (table.size $t) (i32.const 100000)) (then (loop $for_ever (br $for_ever))))
    unreachable))
