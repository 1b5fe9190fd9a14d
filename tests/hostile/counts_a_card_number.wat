;; Counts as many as a card's number says: a decision and a metric would hold it.
;; expect: 422 guest_bad_report
;; manifest: {counters: [seen]}
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"
    "\19\00\00\00" "{\"seen\":4111111111111111}" "{}")
  (func (export "mg_transform") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 47))))
