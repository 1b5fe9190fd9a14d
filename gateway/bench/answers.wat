;; Makes every message the same text, so that one can see which version of a module has made it.
;; Holes: `{{answer}}` and its length in bytes, `{{length}}`; `{{before}}`: instructions that stand before all else.
(module
  (memory (export "memory") 64)
  (data (i32.const 16) "{{answer}}")
  (func (export "mg_alloc") (param $size i32) (result i32) (i32.const 1048576))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $size i32) (result i64)
    (local $count i32) (local $i i32) (local $entry i32) (local $bytes i32)
    {{before}}
    (local.set $count (i32.load (local.get $in)))
    ;; the frame at 1024: count, count entries, the report's length (0), the messages
    (i32.store (i32.const 1024) (local.get $count))
    (local.set $entry (i32.const 1028))
    (local.set $bytes (i32.add (i32.const 1032) (i32.mul (local.get $count) (i32.const 12))))
    (i32.store (i32.sub (local.get $bytes) (i32.const 4)) (i32.const 0))
    (loop $next
      (i32.store (local.get $entry) (local.get $i))
      (i32.store offset=4 (local.get $entry) (i32.const 0))
      (memory.copy (local.get $bytes) (i32.const 16) (i32.const {{length}}))
      (local.set $bytes (i32.add (local.get $bytes) (i32.const {{length}})))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (i32.store offset=8 (local.get $entry) (i32.mul (local.get $i) (i32.const {{length}})))
      (local.set $entry (i32.add (local.get $entry) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $count))))
    (i64.or
      (i64.shl (i64.const 1024) (i64.const 32))
      (i64.extend_i32_u (i32.sub (local.get $bytes) (i32.const 1024))))))
