;; Ends behind the head: a module without anything.
;; expect: refused module_export
;; bytes: first 8
(module)
