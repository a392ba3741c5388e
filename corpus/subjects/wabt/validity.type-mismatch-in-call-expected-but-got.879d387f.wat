;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in call, expected […] but got […]
;; culprits: ref.func
;; instructions: 6
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in call, expected [funcref] but got [(ref 1)]
(module
  (type (;0;) (func (result f64 f64)))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param funcref)))
  (table (;0;) 5 funcref)
  (export "host" (func 3))
  (elem (;0;) (i32.const 0) funcref (ref.null func) (ref.func 1) (ref.null func) (ref.null func) (ref.func 0))
  (func (;0;) (type 1) (result i32)
    i32.const 0
  )
  (func (;1;) (type 2) (param funcref))
  (func (;2;) (type 0) (result f64 f64)
    ref.func 0
    call 1
    f64.const 0x0p+0 (;=0;)
    f64.const 0x0p+0 (;=0;)
  )
  (func (;3;) (type 1) (result i32)
    i32.const 0
  )
)
