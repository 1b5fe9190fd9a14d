;; Makes 80,000 refusals of one message, each with a reason that has to be read.
;; expect: 422 too_deep
;; manifest: {splits: true, refusals: {too_deep: {status: 422, title: Too deep}}}
(module
  (memory (export "memory") 64)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 0x300000))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $at i32) (local $end i32)
    (i32.store (i32.const 1024) (i32.const 80000))
    (loop $next  ;; an entry of source 0, status 2, and its reason behind all entries
      (i32.store offset=1032 (local.get $at) (i32.const 2))
      (i64.store offset=961032 (local.get $end) (i64.const 0x706565645f6f6f74))  ;; too_deep
      (local.set $end (i32.add (local.get $end) (i32.const 8)))
      (i32.store offset=1036 (local.get $at) (local.get $end))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 960000))))
    (i64.const 0x0000_0400_0018_6a08)))
