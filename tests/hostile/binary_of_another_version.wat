;; Is of version 2 of WebAssembly, which there isn't.
;; expect: refused module_invalid
;; bytes: only 0061736d02000000
(module)
