;; Says that it has 2³² - 1 functions, and ends.
;; expect: refused module_invalid
;; bytes: only 0061736d01000000 0305ffffffff0f
(module)
