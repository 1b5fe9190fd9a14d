;; Is a component, where its manifest says maskgate/1.
;; expect: refused module_invalid
(component)
