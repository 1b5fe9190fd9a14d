;; The report is right, and blanks make it longer than 64 KiB.
;; expect: 422 guest_bad_report
;; manifest: {counters: [rows]}
(module
  (memory (export "memory") 32)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"
    "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"
    "\0a\00\01\00"  ;; length of the report: 65,546
    "{\22rows\22:1}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.fill (i32.const 1054) (i32.const 32) (i32.const 65536))  ;; ' '
    (i32.store16 (i32.const 66590) (i32.const 0x7d7b))  ;; the message: {}
    (i64.const 0x0000_0400_0001_0020)))
