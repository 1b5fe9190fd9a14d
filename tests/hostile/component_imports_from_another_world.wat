;; Wants functions of a world that isn't here.
;; expect: refused module_import
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component (import "their:own/world@1.0.0" (instance (export "do" (func)))))
