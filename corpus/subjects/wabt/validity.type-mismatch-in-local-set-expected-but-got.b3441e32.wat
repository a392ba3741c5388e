;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in local.set, expected […] but got […]
;; culprits: ref.func
;; instructions: 4
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in local.set, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result f32)))
  (type (;1;) (func (result i32)))
  (export "c0000" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0) (result f32)
    (local funcref)
    ref.func 0
    local.set 0
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 1) (result i32)
    i32.const 0
  )
)
