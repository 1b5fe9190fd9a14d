;; A component that does what the first letter of its message says; the rest of the message is its material.
;;   p: one message   d: none   2: two of it   r: refused, with it as the code   R: the same, the letter before it minus 0 is the offset
;;   t: traps   l: never ends   g: grows its memory until it can't, and traps   u: gives text that is no UTF-8
;;   s: the secret of that name, or nothing   h: what the host at that URL says, or nothing   n: asks the time, o: for random
;;   bits, then passes on   k: counts one for that name, then passes on   w: logs it, then passes on
;;   c: how often this instance ran   x: calls WASI's random   e: exits   y: asks for a socket, then passes on
;;   v: writes it to WASI's standard output, and gives what became of that: 0 written, 1 closed   q: waits so many times 100 ms
;;   as the letter after it is more than 0, then passes on
;;   z: a million messages that are the same 64 KiB   H: asks the host at that URL, and gives two of it until there is an answer   i: what the first variable
;;   of its environment says, or nothing
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
    (export "secret" (func (param "name" string) (result (option string))))
    (export "http" (func (param "request" $request) (result (result $answer (error $no-answer)))))
    (export "now" (func (result (option u64))))
    (export "random" (func (result (option u64))))
    (export "log" (func (param "text" string)))
    (export "count" (func (param "name" string) (param "times" u64)))))
  (import "wasi:random/random@0.2.0" (instance $wasi (export "get-random-u64" (func (result u64)))))
  (import "wasi:cli/exit@0.2.3" (instance $exit (export "exit" (func (param "status" (result))))))
  (import "wasi:sockets/tcp-create-socket@0.2.3" (instance $tcp
    (export "tcp-socket" (type $socket (sub resource)))
    (type $inner1 (enum "unknown" "access-denied"))
    (export "error-code" (type $error (eq $inner1)))
    (type $inner2 (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $family (eq $inner2)))
    (export "create-tcp-socket" (func (param "address-family" $family) (result (result (own $socket) (error $error)))))))
  (import "wasi:io/error@0.2.0" (instance $io (export "error" (type (sub resource)))))
  (alias export $io "error" (type $io-error))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $pollable)) (result bool)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $stream (sub resource)))
    (alias outer 1 $io-error (type $inner1))
    (export "error" (type $error (eq $inner1)))
    (type $inner2 (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $inner2)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream (type $inner1))
    (export "output-stream" (type $given (eq $inner1)))
    (export "get-stdout" (func (result (own $given))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $inner1))
    (export "pollable" (type $given (eq $inner1)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $given))))))
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $libc
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 65536))
    ;; rooms one after the other; the whole second page, over and over
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (if (i32.gt_u (i32.add (global.get $free) (local.get $size)) (i32.const 131064))
        (then (global.set $free (i32.const 65536))))
      (global.get $free)
      (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get $size)) (i32.const 7)) (i32.const -8)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $secret (canon lower (func $host "secret") (memory $memory) (realloc $realloc)))
  (core func $http (canon lower (func $host "http") (memory $memory) (realloc $realloc)))
  (core func $now (canon lower (func $host "now") (memory $memory)))
  (core func $random (canon lower (func $host "random") (memory $memory)))
  (core func $log (canon lower (func $host "log") (memory $memory)))
  (core func $count (canon lower (func $host "count") (memory $memory)))
  (core func $wasi (canon lower (func $wasi "get-random-u64")))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory)))
  (core func $drop-stream (canon resource.drop $stream))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $poll (canon lower (func $poll "poll") (memory $memory) (realloc $realloc)))
  (core func $ready (canon lower (func $poll "[method]pollable.ready")))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $environment (canon lower (func $environment "get-environment") (memory $memory) (realloc $realloc)))
  (core func $exit (canon lower (func $exit "exit")))
  (core func $tcp (canon lower (func $tcp "create-tcp-socket") (memory $memory)))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "secret" (func $secret (param i32 i32 i32)))
    (import "host" "http" (func $http (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "now" (func $now (param i32)))
    (import "host" "random" (func $random (param i32)))
    (import "host" "log" (func $log (param i32 i32)))
    (import "host" "count" (func $count (param i32 i32 i64)))
    (import "host" "wasi" (func $wasi (result i64)))
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "host" "drop-stream" (func $drop-stream (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "poll" (func $poll (param i32 i32 i32)))
    (import "host" "ready" (func $ready (param i32) (result i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "environment" (func $environment (param i32)))
    (import "host" "exit" (func $exit (param i32)))
    (import "host" "tcp" (func $tcp (param i32 i32)))
    (global $runs (mut i32) (i32.const 0))
    (data (i32.const 300) "no such configuration")
    (data (i32.const 330) "GET")
    ;; a result at 100: which side, and a text's or list's place and length; whether there is an offset, and which;
    ;; a list's entries at 200
    (func $give (param $error i32) (param $at i32) (param $length i32) (result i32)
      (i32.store8 (i32.const 100) (local.get $error))
      (i32.store (i32.const 104) (local.get $at))
      (i32.store (i32.const 108) (local.get $length))
      (i32.store8 (i32.const 112) (i32.const 0))
      (i32.const 100))
    (func $list (param $count i32) (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 200) (local.get $at)) (i32.store (i32.const 204) (local.get $length))
      (i32.store (i32.const 208) (local.get $at)) (i32.store (i32.const 212) (local.get $length))
      (call $give (i32.const 0) (i32.const 200) (local.get $count)))
    (func (export "configure") (param $at i32) (param $length i32) (result i32)
      ;; it takes {} and nothing else
      (if (result i32) (i32.eq (local.get $length) (i32.const 2))
        (then (call $give (i32.const 0) (i32.const 0) (i32.const 0)))
        (else (call $give (i32.const 1) (i32.const 300) (i32.const 21)))))
    (func (export "transform") (param $at i32) (param $length i32) (result i32)
      (local $letter i32)
      (local.set $letter (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
      (if (i32.eq (local.get $letter) (i32.const 0x64)) (then (return (call $list (i32.const 0) (i32.const 0) (i32.const 0)))))
      (if (i32.eq (local.get $letter) (i32.const 0x32))
        (then (return (call $list (i32.const 2) (local.get $at) (local.get $length)))))
      (if (i32.eq (local.get $letter) (i32.const 0x72))
        (then (return (call $give (i32.const 1) (local.get $at) (local.get $length)))))
      (if (i32.eq (local.get $letter) (i32.const 0x52))
        (then
          (drop (call $give (i32.const 1) (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1))))
          (i32.store8 (i32.const 112) (i32.const 1))
          (i32.store (i32.const 116) (i32.sub (i32.load8_u (local.get $at)) (i32.const 0x30)))
          (return (i32.const 100))))
      (if (i32.eq (local.get $letter) (i32.const 0x68))
        (then
          (call $http
            (local.get $at) (local.get $length) (i32.const 330) (i32.const 3) (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 400))
          ;; a result: which side; in an answer the status, and its text's place and length
          (return (call $list (i32.eqz (i32.load8_u (i32.const 400))) (i32.load (i32.const 408)) (i32.load (i32.const 412))))))
      (if (i32.eq (local.get $letter) (i32.const 0x48))
        (then
          (call $http
            (local.get $at) (local.get $length) (i32.const 330) (i32.const 3) (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 400))
          (return (call $list (i32.add (i32.load8_u (i32.const 400)) (i32.const 1)) (local.get $at) (local.get $length)))))
      (if (i32.eq (local.get $letter) (i32.const 0x69))
        (then
          (call $environment (i32.const 400))
          ;; a list of names and values: its place and length; of the first one, the value is behind the name
          (local.set $letter (i32.load (i32.const 400)))
          (if (i32.eqz (i32.load (i32.const 404))) (then (return (call $list (i32.const 0) (i32.const 0) (i32.const 0)))))
          (return
            (call $list (i32.const 1) (i32.load offset=8 (local.get $letter)) (i32.load offset=12 (local.get $letter))))))
      (if (i32.eq (local.get $letter) (i32.const 0x76))
        (then
          (local.set $letter (call $get-stdout))
          (call $write (local.get $letter) (local.get $at) (local.get $length) (i32.const 400))
          (call $drop-stream (local.get $letter))
          ;; a result: which side, and which error
          (i32.store8 (i32.const 500)
            (i32.add (i32.const 0x30) (i32.mul (i32.load8_u (i32.const 400)) (i32.load8_u (i32.const 404)))))
          (return (call $list (i32.const 1) (i32.const 500) (i32.const 1)))))
      (if (i32.eq (local.get $letter) (i32.const 0x71))
        (then
          (i32.store (i32.const 400)
            (call $subscribe
              (i64.mul (i64.const 100000000) (i64.extend_i32_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 0x30))))))
          (if (call $ready (i32.load (i32.const 400))) (then (unreachable)))
          (call $poll (i32.const 400) (i32.const 1) (i32.const 404))
          ;; a list of the one that is ready, the first
          (if (i32.ne (i32.load (i32.const 408)) (i32.const 1)) (then (unreachable)))
          (if (i32.load (i32.load (i32.const 404))) (then (unreachable)))
          (if (i32.eqz (call $ready (i32.load (i32.const 400)))) (then (unreachable)))
          (call $drop-pollable (i32.load (i32.const 400)))))
      (if (i32.eq (local.get $letter) (i32.const 0x65)) (then (call $exit (i32.const 0))))
      (if (i32.eq (local.get $letter) (i32.const 0x79))
        (then
          (call $tcp (i32.const 0) (i32.const 400))
          ;; an error, and access-denied
          (if (i32.ne (i32.load8_u (i32.const 400)) (i32.const 1)) (then (unreachable)))
          (if (i32.ne (i32.load8_u (i32.const 404)) (i32.const 1)) (then (unreachable)))))
      (if (i32.eq (local.get $letter) (i32.const 0x7a))
        (then
          (drop (memory.grow (i32.const 128)))
          (local.set $letter (i32.const 0))
          (loop $again
            (i32.store (i32.add (i32.const 131072) (i32.shl (local.get $letter) (i32.const 3))) (i32.const 0))
            (i32.store (i32.add (i32.const 131076) (i32.shl (local.get $letter) (i32.const 3))) (i32.const 65536))
            (local.set $letter (i32.add (local.get $letter) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $letter) (i32.const 1000000))))
          (return (call $give (i32.const 0) (i32.const 131072) (i32.const 1000000)))))
      (if (i32.eq (local.get $letter) (i32.const 0x74)) (then (unreachable)))
      (if (i32.eq (local.get $letter) (i32.const 0x6c)) (then (loop $again (br $again))))
      (if (i32.eq (local.get $letter) (i32.const 0x67))
        (then (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (unreachable)))
      (if (i32.eq (local.get $letter) (i32.const 0x73))
        (then
          (call $secret (local.get $at) (local.get $length) (i32.const 400))
          (return (call $list (i32.load8_u (i32.const 400)) (i32.load (i32.const 404)) (i32.load (i32.const 408))))))
      (if (i32.eq (local.get $letter) (i32.const 0x6e)) (then (call $now (i32.const 400))))
      (if (i32.eq (local.get $letter) (i32.const 0x6f)) (then (call $random (i32.const 400))))
      (if (i32.eq (local.get $letter) (i32.const 0x77)) (then (call $log (local.get $at) (local.get $length))))
      (if (i32.eq (local.get $letter) (i32.const 0x6b))
        (then (call $count (local.get $at) (local.get $length) (i64.const 1))))
      (if (i32.eq (local.get $letter) (i32.const 0x78)) (then (drop (call $wasi))))
      (if (i32.eq (local.get $letter) (i32.const 0x75))
        (then (i32.store8 (i32.const 500) (i32.const 0xff)) (return (call $list (i32.const 1) (i32.const 500) (i32.const 1)))))
      (if (i32.eq (local.get $letter) (i32.const 0x63))
        (then
          (i32.store8 (i32.const 500) (i32.add (i32.const 0x30) (global.get $runs)))
          (return (call $list (i32.const 1) (i32.const 500) (i32.const 1)))))
      (call $list (i32.const 1) (local.get $at) (local.get $length))))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc))
    (with "host" (instance
      (export "secret" (func $secret)) (export "http" (func $http)) (export "now" (func $now)) (export "random" (func $random))
      (export "log" (func $log)) (export "count" (func $count)) (export "wasi" (func $wasi))
      (export "get-stdout" (func $get-stdout)) (export "write" (func $write)) (export "drop-stream" (func $drop-stream))
      (export "subscribe" (func $subscribe)) (export "poll" (func $poll)) (export "ready" (func $ready))
      (export "drop-pollable" (func $drop-pollable))
      (export "environment" (func $environment)) (export "exit" (func $exit)) (export "tcp" (func $tcp))))))
  (func (export "configure") (param "config" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func (export "transform") (param "message" string) (result (result (list string) (error $refusal)))
    (canon lift (core func $main "transform") (memory $memory) (realloc $realloc))))
