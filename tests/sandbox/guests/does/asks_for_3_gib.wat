;; Asks for 3 GiB in one piece, and traps when it doesn't get them.
(func $misbehave
  (if (i32.eq (memory.grow (i32.const 49152)) (i32.const -1)) (then unreachable)))
