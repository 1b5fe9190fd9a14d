;; Hands a stream to a function of WASI that isn't there.
;; expect: refused module_invalid
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
(component
  (import "maskgate:transform/types@1.0.0" (instance $types
    (type $inner (record (field "code" string) (field "offset" (option u32))))
    (export "refusal" (type (eq $inner)))))
  (alias export $types "refusal" (type $refusal))
  (type $t (stream u8))
  (import "wasi:cli/take@0.2.0" (instance $cli
    (alias outer 1 $t (type $inner))
    (export "take" (func (param "it" $inner)))))
  (core module $libc
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $new (canon stream.new $t))
  (core func $take (canon lower (func $cli "take")))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "new" (func $new (result i64)))
    (import "host" "take" (func $take (param i32)))
    ;; a result of 0, and one message of two bytes
    (data (i32.const 16) "\00\00\00\00" "\20\00\00\00" "\01\00\00\00" "\00\00\00\00" "\40\00\00\00" "\02\00\00\00")
    (data (i32.const 64) "{}")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (call $take (i32.wrap_i64 (call $new))) (i32.const 16)))
  (core instance $main (instantiate $main (with "libc" (instance $libc))
    (with "host" (instance (export "new" (func $new)) (export "take" (func $take))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
