;; Asks a host for one thing and, once it has that, for another; tries the clock each time. Gives the message back, but
;; traps over one of more than 1,000 bytes.
;; The test puts a port in place of PORT, of five digits.
(module
  (import "maskgate" "http" (func $http (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 1024) "{\"url\":\"http://127.0.0.1:PORT/first\"}")
  (data (i32.const 2048) "{\"url\":\"http://127.0.0.1:PORT/second\",\"method\":\"POST\",\"body\":\"12345\"}")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (local $size i32)
    (if (i32.gt_u (local.get $len) (i32.const 1000)) (then unreachable))
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 512)))
    (if (i32.ge_s (call $http (i32.const 1024) (i32.const 38) (i32.const 4096) (i32.const 4096)) (i32.const 0))
      (then (drop (call $http (i32.const 2048) (i32.const 70) (i32.const 4096) (i32.const 4096)))))
    ;; one message: 1 | 0, 0, end | 0 | the message
    (local.set $size (i32.load offset=4 (local.get $in)))
    (i32.store (i32.const 131072) (i32.const 1))
    (i32.store (i32.const 131080) (i32.const 0))
    (i32.store (i32.const 131084) (local.get $size))
    (memory.copy (i32.const 131092) (i32.add (local.get $in) (i32.const 8)) (local.get $size))
    (i64.or (i64.shl (i64.const 131072) (i64.const 32)) (i64.extend_i32_u (i32.add (i32.const 20) (local.get $size))))))
