;; Gives its message, which is a JSON object, as the report.
;; expect: 422 guest_bad_report
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                    ;; count
    "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")  ;; source, status, end
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $size i32)
    (local.set $size (i32.sub (local.get $len) (i32.const 8)))
    (i32.store (i32.const 1040) (local.get $size))  ;; length of the report
    (memory.copy (i32.const 1044) (i32.add (local.get $in) (i32.const 8)) (local.get $size))
    (i64.or (i64.const 0x0000_0400_0000_0000) (i64.extend_i32_u (i32.add (local.get $size) (i32.const 20))))))
