;; Says that its first section has 2³² - 1 bytes, and ends.
;; expect: refused module_invalid
;; bytes: only 0061736d01000000 01ffffffff0f
(module)
