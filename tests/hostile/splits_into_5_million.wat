;; Makes five million messages of one, without a byte: 60 MB of entries, each of which costs the host more than the guest.
;; expect: 422 guest_output_too_large
;; manifest: {splits: true}
(module
  (memory (export "memory") 1000)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 0x3d00000))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $at i32) (local $end i32)
    (i32.store (i32.const 1024) (i32.const 5000000))
    (loop $next  ;; an entry of source 0, status 0
      (local.set $end (i32.add (local.get $end) (i32.const 0)))
      (i32.store offset=1036 (local.get $at) (local.get $end))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 60000000))))
    (i64.const 0x0000_0400_0393_8708)))
