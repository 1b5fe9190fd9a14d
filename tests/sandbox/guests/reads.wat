;; Opens the path that a message is in descriptor 3, reads it, closes it.
;; In: one message. Out: the errno of path_open (i32), then what fd_read gave, up to 4096 bytes.
;;   oflags, rights: of path_open
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $at i32) (param $length i32) (result i64)
    ;; 512: the descriptor, 516: bytes read, 520: one vector; the frame from 1024 on, its bytes from 1044 on
    (i32.store (i32.const 516) (i32.const 0))
    (i32.store (i32.const 1044)
      (call $open (i32.const 3) (i32.const 0)
        (i32.add (local.get $at) (i32.const 8)) (i32.load offset=4 (local.get $at))
        (i32.const {{oflags:0}}) (i64.const {{rights:2}}) (i64.const 0) (i32.const 0) (i32.const 512)))
    (if (i32.eqz (i32.load (i32.const 1044)))
      (then
        (i32.store (i32.const 520) (i32.const 1048))
        (i32.store (i32.const 524) (i32.const 4096))
        (i32.store (i32.const 1044)
          (call $read (i32.load (i32.const 512)) (i32.const 520) (i32.const 1) (i32.const 516)))
        (drop (call $close (i32.load (i32.const 512))))))
    (i32.store (i32.const 1024) (i32.const 1))
    (i64.store (i32.const 1028) (i64.const 0))
    (i32.store (i32.const 1036) (i32.add (i32.const 4) (i32.load (i32.const 516))))
    (i32.store (i32.const 1040) (i32.const 0))
    (i64.or (i64.const 0x0000_0400_0000_0000)
      (i64.extend_i32_u (i32.add (i32.const 24) (i32.load (i32.const 516)))))))
