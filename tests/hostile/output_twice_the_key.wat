;; Says one name twice, the second time escaped, so that a reader sees the one and the mask the other: both are masked.
;; expect: 200
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                                                                                                ;; count
    "\00\00\00\00" "\00\00\00\00" "\5c\00\00\00"                                                                                  ;; source, status, end
    "\00\00\00\00"                                                                                                                ;; length of the report
    "{\22customer\22:{\22card\22:1},\22payment\22:{\22card\22:\224111111111111111\22,\22c\5cu0061rd\22:\224111111111111111\22}}"  ;; messages
  )
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0070)))
