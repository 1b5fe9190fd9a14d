;; Counts by a name that is a part of its message.
;; expect: 422 guest_bad_report
;; manifest: {counters: [rows]}
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                    ;; count
    "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"  ;; source, status, end
    "\16\00\00\00"                                    ;; length of the report
    "{\22****************\22:1}" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.copy (i32.const 1046) (i32.add (local.get $in) (i32.const 23)) (i32.const 16))  ;; letters of a value
    (i64.const 0x0000_0400_0000_002c)))
