;; Takes all the memory there is, and goes on as if nothing had happened.
(func $misbehave (loop $on (br_if $on (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))))
