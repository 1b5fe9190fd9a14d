;; A module that would be in order, but for one thing that it does in one place.
;;   place: 1 start function, 2 _initialize, 3 mg_alloc, 4 mg_configure, 5 mg_transform, 6 mg_error, 0 nowhere
;;   does:  a function $misbehave, from the folder `does`
(module
  (memory (export "memory") 2)
  (global $place i32 (i32.const {{place:0}}))

  {{does:(func $misbehave)}}

  (func $in (param $place i32)
    (if (i32.eq (local.get $place) (global.get $place)) (then (call $misbehave))))

  (func $start (call $in (i32.const 1)))
  (start $start)
  (func (export "_initialize") (call $in (i32.const 2)))
  (func (export "mg_alloc") (param i32) (result i32)
    (call $in (i32.const 3))
    (i32.const 4096))
  (func (export "mg_configure") (param i32 i32) (result i32)
    (call $in (i32.const 4))
    ;; it refuses its configuration where mg_error is to be asked
    (i32.eq (global.get $place) (i32.const 6)))
  (func (export "mg_error") (result i64)
    (call $in (i32.const 6))
    (i64.const 0))

  ;; one message, passed, of no bytes: count 1 | source 0, status 0, end 0 | report 0
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
  (func (export "mg_transform") (param i32 i32) (result i64)
    (call $in (i32.const 5))
    (i64.const 0x0000_0400_0000_0014)))
