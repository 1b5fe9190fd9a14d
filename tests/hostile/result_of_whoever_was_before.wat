;; Gives back what stands in memory that it has never written to, in the hope of somebody else's message.
;; expect: 200
(module
  (memory (export "memory") 512)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $at i32)
    ;; looks for a byte that isn't 0, from 128 KiB to 32 MiB, and doesn't come back if there is one
    (local.set $at (i32.const 0x20000))
    (loop $on
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
      (br_if $on (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 0x2000000))))
    (i64.const 0x0000_0400_0000_0016)))
