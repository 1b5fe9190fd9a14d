;; Has no byte.
;; expect: refused module_invalid
;; bytes: first 0
(module)
