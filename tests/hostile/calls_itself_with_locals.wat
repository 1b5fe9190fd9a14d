;; Calls itself without end, each call with a thousand locals that have to be kept.
;; expect: 422 guest_trap
(module
  (memory (export "memory") 2)
  (func $deep (param $n i32) (result i32) {{1000 × (local $l# i32) }}
    {{1000 × (local.set $l# (i32.mul (local.get $n) (i32.const #))) }}
    (call $deep (i32.add (local.get $n) (i32.const 1)))
    {{1000 × (local.get $l#) i32.xor }})
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (drop (call $deep (i32.const 1)))
    (i64.const 0x0000_0400_0000_0016)))
