;; Ends within the head.
;; expect: refused module_invalid
;; bytes: first 7
(module)
