;; Makes as many messages of one as a module may; the stream takes 10,000.
;; expect: 413 too_many_messages
;; manifest: {splits: true}
(module
  (memory (export "memory") 32)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 0x100000))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $at i32) (local $end i32)
    (i32.store (i32.const 1024) (i32.const 80000))
    (loop $next  ;; an entry of source 0, status 0
      (local.set $end (i32.add (local.get $end) (i32.const 0)))
      (i32.store offset=1036 (local.get $at) (local.get $end))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 960000))))
    (i64.const 0x0000_0400_000e_a608)))
