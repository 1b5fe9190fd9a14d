;; Never comes back.
(func $misbehave (loop $on (br $on)))
