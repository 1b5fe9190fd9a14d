;; Keeps its message, and gives it back with the next one. There is no next one: an instance serves one request.
;; expect: 200
;; asks: 3
;; delivers: {}
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  ;; one message, passed: count 1 | source 0, status 0, end 2 | report 0 | {}
  (data (i32.const 1024) "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\02\00\00\00" "\00\00\00\00" "{}")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64) (local $kept i32)
    (local.set $kept (i32.load (i32.const 4092)))
    (if (i32.eqz (local.get $kept)) (then
      ;; keep the message, behind its length
      (i32.store (i32.const 4092) (i32.sub (local.get $len) (i32.const 8)))
      (memory.copy (i32.const 4096) (i32.add (local.get $in) (i32.const 8)) (i32.load (i32.const 4092)))
      (return (i64.const 0x0000_0400_0000_0016))))
    ;; count 1 | source 0, status 0, end | report 0 | what was kept
    (i32.store (i32.const 32768) (i32.const 1))
    (i64.store (i32.const 32772) (i64.const 0))
    (i32.store (i32.const 32780) (local.get $kept))
    (i32.store (i32.const 32784) (i32.const 0))
    (memory.copy (i32.const 32788) (i32.const 4096) (local.get $kept))
    (i64.or (i64.const 0x0000_8000_0000_0000) (i64.extend_i32_u (i32.add (local.get $kept) (i32.const 20))))))
