;; Makes two lines of one message, of which the second would be a message that nobody has looked at.
;; expect: 400 invalid_json
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\01\00\00\00"                                                ;; count
    "\00\00\00\00" "\00\00\00\00" "\2c\00\00\00"                  ;; source, status, end
    "\00\00\00\00"                                                ;; length of the report
    "{}\0a{\22customer\22:{\22email\22:\22zoe@mail.example\22}}"  ;; messages
  )
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0040)))
