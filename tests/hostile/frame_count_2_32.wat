;; Counts 2³² - 1 entries: 12 bytes each are more than any memory has.
;; expect: 422 guest_bad_frame
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\ff\ff\ff\ff"                                ;; count
    "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"  ;; source, status, end
    "\00\00\00\00"                                ;; length of the report
    "{}"                                          ;; messages
  )
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
