;; Counts so many entries that 12 bytes each are 2 bytes more than 2³²: a sum of 32 bits would see a short table.
;; expect: 422 guest_bad_frame
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024)
    "\56\55\55\15"                                ;; count
    "\00\00\00\00" "\00\00\00\00" "\02\00\00\00"  ;; source, status, end
    "\00\00\00\00"                                ;; length of the report
    "{}"                                          ;; messages
  )
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
