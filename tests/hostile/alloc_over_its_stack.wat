;; Gives the place of its own stack, as compilers lay one out: the message overwrites what it has saved there.
;; expect: 200
(module
  (memory (export "memory") 2)
  (global $stack (mut i32) (i32.const 65536))
  (func $save (param $what i32)
    (global.set $stack (i32.sub (global.get $stack) (i32.const 16)))
    (i32.store (global.get $stack) (local.get $what)))
  (func $restore (result i32)
    (i32.load (global.get $stack))
    (global.set $stack (i32.add (global.get $stack) (i32.const 16))))
  (func (export "mg_alloc") (param $size i32) (result i32) (call $save (i32.const 7)) (drop (call $restore)) (i32.sub (global.get $stack) (i32.const 64)))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (call $save (i32.const 7))
    (if (i32.ne (call $restore) (i32.const 7)) (then unreachable))
    (i64.const 0x0000_0400_0000_0016)))
