;; A component that asks a host, and gives what it says instead of the message; without an answer it gives nothing.
(component
  (import "maskgate:transform/types@1.0.0" (instance $types
    (type $inner (record (field "code" string) (field "offset" (option u32))))
    (export "refusal" (type (eq $inner)))))
  (alias export $types "refusal" (type $refusal))
  (import "maskgate:transform/host@1.0.0" (instance $host
    (type $pair (tuple string string))
    (type $inner1 (record (field "url" string) (field "method" string) (field "headers" (list $pair)) (field "body" string)))
    (export "request" (type $request (eq $inner1)))
    (type $inner2 (record (field "status" u16) (field "body" string)))
    (export "answer" (type $answer (eq $inner2)))
    (type $inner3 (enum "pending" "not-granted" "failed" "bad-request"))
    (export "no-answer" (type $no-answer (eq $inner3)))
    (export "http" (func (param "request" $request) (result (result $answer (error $no-answer)))))))
  (core module $libc
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $http (canon lower (func $host "http") (memory $memory) (realloc $realloc)))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "http" (func $http (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (data (i32.const 64) "GET")
    (data (i32.const 100) "{{url:https://crm.example/}}\00")
    (func (export "configure") (param i32 i32) (result i32) (i32.const 16))
    (func (export "transform") (param i32 i32) (result i32)
      (local $length i32)
      (loop $again
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (br_if $again (i32.load8_u (i32.add (i32.const 100) (local.get $length)))))
      (call $http
        (i32.const 100) (local.get $length) (i32.const 64) (i32.const 3) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 40))
      ;; a result: which side; in an answer the status, and its text's place and length
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (i32.const 48))
      (i32.store (i32.const 24) (i32.eqz (i32.load8_u (i32.const 40))))
      (i32.const 16)))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc)) (with "host" (instance (export "http" (func $http))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
