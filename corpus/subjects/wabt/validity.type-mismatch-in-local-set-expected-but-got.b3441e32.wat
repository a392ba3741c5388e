;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in local.set, expected […] but got […]
;; culprits: ref.func ref.null
;; instructions: 5
;; rounds: 1
;; detail: [] against invalid: type mismatch in local.set, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func))
  (type (;1;) (func (result externref f64 f32)))
  (export "m0" (func 2))
  (elem (;0;) declare func 0 1)
  (func (;0;) (type 1) (result externref f64 f32)
    (local funcref)
    ref.func 1
    local.set 0
    ref.null extern
    f64.const 0x0p+0 (;=0;)
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 0))
  (func (;2;) (type 0))
)
