;; Refuses its configuration with a text that clears a terminal and begins a line of its own in a log.
;; expect: refused module_config
(module
  (memory (export "memory") 2)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param $at i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "mg_error") (result i64) (i64.const 0x00000800_00000036))
  (data (i32.const 2048) "\1b[2J\1b]0;owned\07\0aCRITICAL maskgate: all is well\0d\e2\80\ae\00\ff")
  (func (export "mg_transform") (param $in i32) (param $len i32) (result i64)
    (i64.const 0x0000_0400_0000_0016)))
