;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in throw, expected […] but got […]
;; culprits: ref.func throw
;; instructions: 4
;; rounds: 1
;; detail: [] against invalid: type mismatch in throw, expected [f32, f64, funcref] but got [f32, f64, (ref 0)]
(module
  (type (;0;) (func))
  (type (;1;) (func (param f32 f64 funcref)))
  (tag (;0;) (type 1) (param f32 f64 funcref))
  (export "m0" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0)
    f32.const 0x0p+0 (;=0;)
    f64.const 0x0p+0 (;=0;)
    ref.func 0
    throw 0
  )
  (func (;1;) (type 0))
)
