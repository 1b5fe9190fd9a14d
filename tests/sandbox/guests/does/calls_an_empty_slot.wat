;; Calls through a table where there is no function.
(table 1 funcref)
(func $misbehave (call_indirect (i32.const 0)))
