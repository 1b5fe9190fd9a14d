;; Gives a reason of a mebibyte.
;; expect: 422 guest_bad_reason
(module
  (memory (export "memory") 32)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                    ;; count
    "\00\00\00\00" "\02\00\00\00" "\00\00\10\00"  ;; source, status 2 (refuse), end
    "\00\00\00\00")                                   ;; length of the report
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.fill (i32.const 1044) (i32.const 97) (i32.const 0x100000))
    (i64.const 0x0000_0400_0010_0014)))
