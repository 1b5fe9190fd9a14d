;; Takes all the memory there is, and asks for more for ever.
(func $misbehave (loop $on (drop (memory.grow (i32.const 1))) (br $on)))
