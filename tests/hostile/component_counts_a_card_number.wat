;; A component that counts as many as a card's number says.
;; expect: 422 guest_bad_report
;; manifest: {abi: component, refusals: {not_utf8: {status: 400, title: Not text}}, counters: [seen]}
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
    (data (i32.const 96) "seen")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (call $count (i32.const 96) (i32.const 4) (i64.const 4111111111111111)) (i32.const 16)))
  (core instance $main (instantiate $main (with "libc" (instance $libc))
    (with "host" (instance (export "log" (func $log)) (export "count" (func $count)) (export "secret" (func $secret))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
