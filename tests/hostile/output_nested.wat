;; Makes 20,000 lists in one another of its message.
;; expect: 422 too_deep
(module
  (memory (export "memory") 8)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                    ;; count
    "\00\00\00\00" "\00\00\00\00" "\40\9c\00\00"  ;; source, status, end: 40,000
    "\00\00\00\00")                                   ;; length of the report
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (memory.fill (i32.const 1044) (i32.const 91) (i32.const 20000))  ;; [
    (memory.fill (i32.const 21044) (i32.const 93) (i32.const 20000))  ;; ]
    (i64.const 0x0000_0400_0000_9c54)))
