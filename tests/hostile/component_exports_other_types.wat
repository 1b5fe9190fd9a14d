;; Exports a function transform of another type.
;; expect: refused module_export
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component
  (core module $m (func (export "f") (param i32)))
  (core instance $m (instantiate $m))
  (func (export "configure") (param "config" u32) (canon lift (core func $m "f")))
  (func (export "transform") (param "message" u32) (canon lift (core func $m "f"))))
