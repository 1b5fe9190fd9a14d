;; Asks for what it hasn't where the word for no is one of a thousand.
;; expect: 422 guest_trap
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
;; denied: wasi:filesystem/types.take=1
(component
  (import "maskgate:transform/types@1.0.0" (instance $types
    (type $inner (record (field "code" string) (field "offset" (option u32))))
    (export "refusal" (type (eq $inner)))))
  (alias export $types "refusal" (type $refusal))
  (import "wasi:filesystem/types@0.2.0" (instance $files
    (type $inner (enum {{990 × "c#" }} "access"))
    (export "error-code" (type $error (eq $inner)))
    (export "take" (func (param "them" (list u8)) (result (result (error $error)))))))
  (core module $libc
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $take (canon lower (func $files "take") (memory $memory)))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "take" (func $take (param i32 i32 i32)))
    ;; a result of 0, and one message of two bytes
    (data (i32.const 16) "\00\00\00\00" "\20\00\00\00" "\01\00\00\00" "\00\00\00\00" "\40\00\00\00" "\02\00\00\00")
    (data (i32.const 64) "{}")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (call $take (i32.const 0) (i32.const 1) (i32.const 8)) (i32.const 16)))
  (core instance $main (instantiate $main (with "libc" (instance $libc))
    (with "host" (instance (export "take" (func $take))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
