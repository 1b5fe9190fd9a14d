;; Never comes back, and spends its time in an instruction that can't be interrupted.
(func $misbehave
  (loop $on
    (memory.fill (i32.const 8192) (i32.const 7) (i32.const 65536))
    (br $on)))
