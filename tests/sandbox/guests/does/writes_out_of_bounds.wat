;; The first byte after its memory, which has two pages.
(func $misbehave (i32.store8 (i32.const 131072) (i32.const 1)))
