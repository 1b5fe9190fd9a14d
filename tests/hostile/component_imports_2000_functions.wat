;; Wants 2,000 functions of WASI.
;; expect: refused module_import
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component (import "wasi:cli/many@0.2.0" (instance {{2000 × (export "f#" (func))}})))
