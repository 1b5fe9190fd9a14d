;; Counts 2⁵³, which readers of JSON round.
;; expect: 422 guest_bad_report
;; manifest: {counters: [rows]}
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                ;; count
    "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"  ;; source, status, end
    "\19\00\00\00"                                ;; length of the report
    "{\22rows\22:9007199254740992}"               ;; report
    "{}"                                          ;; messages
  )
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_002f)))
