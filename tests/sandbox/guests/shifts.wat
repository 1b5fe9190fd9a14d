;; Moves the ground: grows its memory between mg_alloc and its use, and writes the result over its own input.
;; In and out: one message.
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    ;; the last page but for 12 bytes, which the result's head needs before the input
    (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65524)))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (local $out i32) (local $size i32)
    (local.set $size (i32.sub (local.get $len) (i32.const 8)))
    (local.set $out (i32.sub (local.get $in) (i32.const 12)))  ;; its 20 bytes of head end where the message begins
    (i32.store (local.get $out) (i32.const 1))
    (i64.store offset=4 (local.get $out) (i64.const 0))
    (i32.store offset=12 (local.get $out) (local.get $size))
    (i32.store offset=16 (local.get $out) (i32.const 0))
    (drop (memory.grow (i32.const 1)))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
      (i64.extend_i32_u (i32.add (local.get $size) (i32.const 20))))))
