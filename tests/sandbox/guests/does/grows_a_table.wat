;; Takes all the room for table elements that there is: 8 bytes each on the host's side.
(table $t 1 funcref)
(func $misbehave
  (loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
  (if (i32.gt_u (table.size $t) (i32.const 100000)) (then (loop $for_ever (br $for_ever))))
  unreachable)
