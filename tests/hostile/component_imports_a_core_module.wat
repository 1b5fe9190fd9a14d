;; Wants a module from the gateway.
;; expect: refused module_import
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component (import "m" (core module)))
