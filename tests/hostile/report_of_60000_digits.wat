;; Counts a number of 60,000 digits, which takes long to read.
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
    "\69\ea\00\00"  ;; length of the report: 60,009
    "{\22rows\22:")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.fill (i32.const 1052) (i32.const 57) (i32.const 60000))  ;; '9'
    (i32.store8 (i32.const 61052) (i32.const 125))  ;; '}'
    (i32.store16 (i32.const 61053) (i32.const 0x7d7b))  ;; the message: {}
    (i64.const 0x0000_0400_0000_ea7f)))
