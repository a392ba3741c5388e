;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: Assertion error: no local value at index N
;; culprits: call i64.const local.get
;; instructions: 3
;; rounds: 1
;; detail: [i64 0] against crashed: RuntimeError: Assertion error: no local value at index 0
(module
  (type (;0;) (func (param i64) (result i64)))
  (type (;1;) (func (result i64)))
  (export "c0031" (func 1))
  (func (;0;) (type 0) (param i64) (result i64)
    local.get 0
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
    call 0
  )
)
