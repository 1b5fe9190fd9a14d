;; Gives 34 MB for each of two messages: more than it may have of memory.
;; expect: 422 guest_output_too_large
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
;; sends: 2
(component
  (import "maskgate:transform/types@1.0.0" (instance $types
    (type $inner (record (field "code" string) (field "offset" (option u32))))
    (export "refusal" (type (eq $inner)))))
  (alias export $types "refusal" (type $refusal))
  (core module $libc
    (memory (export "memory") 950)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core module $main
    (import "libc" "memory" (memory 1))
    ;; a result of 0, and one message of two bytes
    (data (i32.const 16) "\00\00\00\00" "\20\00\00\00" "\01\00\00\00" "\00\00\00\00" "\40\00\00\00" "\02\00\00\00")
    (data (i32.const 64) "{}")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (i32.store (i32.const 36) (i32.const 34000000)) (i32.store (i32.const 32) (i32.const 65536)) (i32.const 16)))
  (core instance $main (instantiate $main (with "libc" (instance $libc))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
