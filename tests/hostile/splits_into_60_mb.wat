;; Makes 10,000 messages of 6,000 bytes each of one: more than the mask has room for.
;; expect: 422 guest_memory
;; manifest: {splits: true}
;; blames: mask
(module
  (memory (export "memory") 1024)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 0x3f00000))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (data (i32.const 512) "{\22order_id\22:\22")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $at i32) (local $end i32)
    (memory.fill (i32.const 121032) (i32.const 97) (i32.const 60000000))  ;; a
    (i32.store (i32.const 1024) (i32.const 10000))
    (loop $next  ;; an entry of source 0, status 0; the message is {"order_id":"aa…a"}
      (memory.copy (i32.add (local.get $end) (i32.const 121032)) (i32.const 512) (i32.const 13))
      (local.set $end (i32.add (local.get $end) (i32.const 6000)))
      (i32.store16 offset=121030 (local.get $end) (i32.const 0x7d22))
      (i32.store offset=1036 (local.get $at) (local.get $end))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 120000))))
    (i64.const 0x00000400_03955bc8)))
