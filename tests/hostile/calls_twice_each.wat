;; Calls a function that calls one twice that calls one twice … 40 deep: 2⁴⁰ calls, and neither a loop nor a deep stack.
;; expect: 422 guest_timeout
(module
  (memory (export "memory") 2)
  (func $f0)
  (func $f1 (call $f0) (call $f0)) (func $f2 (call $f1) (call $f1)) (func $f3 (call $f2) (call $f2)) (func $f4 (call $f3) (call $f3))
  (func $f5 (call $f4) (call $f4)) (func $f6 (call $f5) (call $f5)) (func $f7 (call $f6) (call $f6)) (func $f8 (call $f7) (call $f7))
  (func $f9 (call $f8) (call $f8)) (func $f10 (call $f9) (call $f9)) (func $f11 (call $f10) (call $f10)) (func $f12 (call $f11) (call $f11))
  (func $f13 (call $f12) (call $f12)) (func $f14 (call $f13) (call $f13)) (func $f15 (call $f14) (call $f14)) (func $f16 (call $f15) (call $f15))
  (func $f17 (call $f16) (call $f16)) (func $f18 (call $f17) (call $f17)) (func $f19 (call $f18) (call $f18)) (func $f20 (call $f19) (call $f19))
  (func $f21 (call $f20) (call $f20)) (func $f22 (call $f21) (call $f21)) (func $f23 (call $f22) (call $f22)) (func $f24 (call $f23) (call $f23))
  (func $f25 (call $f24) (call $f24)) (func $f26 (call $f25) (call $f25)) (func $f27 (call $f26) (call $f26)) (func $f28 (call $f27) (call $f27))
  (func $f29 (call $f28) (call $f28)) (func $f30 (call $f29) (call $f29)) (func $f31 (call $f30) (call $f30)) (func $f32 (call $f31) (call $f31))
  (func $f33 (call $f32) (call $f32)) (func $f34 (call $f33) (call $f33)) (func $f35 (call $f34) (call $f34)) (func $f36 (call $f35) (call $f35))
  (func $f37 (call $f36) (call $f36)) (func $f38 (call $f37) (call $f37)) (func $f39 (call $f38) (call $f38)) (func $f40 (call $f39) (call $f39))
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (call $f40)
    (unreachable)))
