;; Recurses without end, each call with locals that must be kept.
(func $deep (param i64 i64 i64 i64) (result i64)
  (i64.add (local.get 0) (i64.mul (local.get 3)
    (call $deep (local.get 1) (local.get 2) (local.get 3) (i64.add (local.get 0) (i64.const 1))))))
(func $misbehave (drop (call $deep (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4))))
