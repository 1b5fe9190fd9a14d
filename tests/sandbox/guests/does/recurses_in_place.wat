;; Never comes back, without a loop and without using its stack up.
(func $misbehave (return_call $misbehave))
