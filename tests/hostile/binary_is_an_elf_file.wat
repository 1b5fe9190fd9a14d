;; Is machine code of the gateway's own machine, as a cache would hold it.
;; expect: refused module_invalid
;; bytes: only 7f454c46020101000000000000000000
(module)
