;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: unsupported operation
;; culprits: f64.eq
;; instructions: 5
;; rounds: 1
;; detail: [i64 0] against crashed: RuntimeError: unsupported operation
(module
  (type (;0;) (func (result i64)))
  (export "c0007" (func 0))
  (func (;0;) (type 0) (result i64)
    (local f64)
    local.get 0
    local.get 0
    f64.eq
    drop
    i64.const 0
  )
)
