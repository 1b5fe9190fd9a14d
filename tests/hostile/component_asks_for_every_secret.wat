;; Asks for secrets by each letter, a thousand times.
;; expect: 200
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}}
;; denied: maskgate.secret=1000
(component
  (import "maskgate:transform/types@1.0.0" (instance $types
    (type $inner (record (field "code" string) (field "offset" (option u32))))
    (export "refusal" (type (eq $inner)))))
  (alias export $types "refusal" (type $refusal))
  (import "maskgate:transform/host@1.0.0" (instance $host
    (export "log" (func (param "text" string)))
    (export "count" (func (param "name" string) (param "times" u64)))
    (export "secret" (func (param "name" string) (result (option string))))))
  (core module $libc
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $log (canon lower (func $host "log") (memory $memory)))
  (core func $count (canon lower (func $host "count") (memory $memory)))
  (core func $secret (canon lower (func $host "secret") (memory $memory) (realloc $realloc)))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "log" (func $log (param i32 i32)))
    (import "host" "count" (func $count (param i32 i32 i64)))
    (import "host" "secret" (func $secret (param i32 i32 i32)))
    ;; a result of 0, and one message of two bytes
    (data (i32.const 16) "\00\00\00\00" "\20\00\00\00" "\01\00\00\00" "\00\00\00\00" "\40\00\00\00" "\02\00\00\00")
    (data (i32.const 64) "{}")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (local $i i32)
      (loop $again
        (i32.store (i32.const 96) (i32.and (local.get $i) (i32.const 127))) (call $secret (i32.const 96) (i32.const 1) (i32.const 100))
        (if (i32.load8_u (i32.const 100)) (then (unreachable)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
      (i32.const 16)))
  (core instance $main (instantiate $main (with "libc" (instance $libc))
    (with "host" (instance (export "log" (func $log)) (export "count" (func $count)) (export "secret" (func $secret))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
