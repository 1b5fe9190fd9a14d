;; Is a component that has nothing.
;; expect: refused module_export
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component)
