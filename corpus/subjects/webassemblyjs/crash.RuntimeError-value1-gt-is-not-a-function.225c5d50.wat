;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: value1.gt is not a function
;; culprits: f64.gt
;; instructions: 5
;; rounds: 4
;; detail: 4 calls: 4 gave values, 0 did not against crashed: RuntimeError: value1.gt is not a function
(module
  (type (;0;) (func (result i32)))
  (export "f8" (func 0))
  (func (;0;) (type 0) (result i32)
    f64.const 0x0p+0 (;=0;)
    f64.const 0x0p+0 (;=0;)
    f64.gt
    drop
    i32.const 0
  )
)
