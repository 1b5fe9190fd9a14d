;; Calls one import, once, and gives back its answer and what stands in the memory then.
;; Out: one message of 260 bytes: the answer (i32), and the 256 bytes at 4096.
;;   module, name, type: the import;  call: instructions that leave its answer;  data: more data segments
(module
  (import "{{module:wasi_snapshot_preview1}}" "{{name:sched_yield}}" (func $import {{type:(result i32)}}))
  (memory (export "memory") 2)
  {{data:}}
  (global $answer (mut i32) (i32.const 0))
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32)
    {{configure:}}
    (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param i32 i32) (result i64)
    (global.set $answer {{call:(call $import)}})
    ;; count 1 | source 0, status 0, end 260 | report 0 | answer | 256 bytes
    (i32.store (i32.const 1024) (i32.const 1))
    (i64.store (i32.const 1028) (i64.const 0))
    (i32.store (i32.const 1036) (i32.const 260))
    (i32.store (i32.const 1040) (i32.const 0))
    (i32.store (i32.const 1044) (global.get $answer))
    (memory.copy (i32.const 1048) (i32.const 4096) (i32.const 256))
    (i64.const 0x0000_0400_0000_0118)))
