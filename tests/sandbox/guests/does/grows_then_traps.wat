;; Takes all the memory there is, page by page, and gives up as an allocator does.
(func $misbehave
  (loop $on (br_if $on (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  unreachable)
