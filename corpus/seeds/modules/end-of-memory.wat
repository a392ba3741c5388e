;; Accesses of every width in and across the last sixteen bytes, with stores that must not write before they trap.
(module
  (memory (export "m0") 1 1)
  (func (export "load8") (param i32) (result i32) (i32.load8_s offset=65520 (local.get 0)))
  (func (export "load16") (param i32) (result i32) (i32.load16_u offset=65519 (local.get 0)))
  (func (export "load32") (param i32) (result i64) (i64.load32_s offset=65517 (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load offset=65513 (local.get 0)))
  (func (export "store64") (param i32 i64) (i64.store offset=65525 (local.get 0) (local.get 1)))
  (func (export "store16") (param i32 i32) (i32.store16 offset=65534 (local.get 0) (local.get 1)))
  (func (export "wraps") (param i32) (result i32) (i32.load offset=0xffffffff (local.get 0)))
  (func (export "last") (result i64) (i64.load (i32.const 65528))))
