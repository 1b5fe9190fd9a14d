;; The highest address there is, in a memory of two pages.
(func $misbehave (drop (i32.load offset=0xffff_fffc (i32.const -1))))
