;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in call, expected […] but got […]
;; culprits: ref.func
;; instructions: 4
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in call, expected [funcref] but got [... (ref 1)]
(module
  (type (;0;) (func))
  (type (;1;) (func (param funcref) (result f32 f32)))
  (table (;0;) 0 funcref)
  (export "g1" (func 1))
  (elem (;0;) (i32.const 3) funcref (ref.func 0))
  (func (;0;) (type 1) (param funcref) (result f32 f32)
    f32.const 0x0p+0 (;=0;)
    ref.func 0
    call 0
    drop
  )
  (func (;1;) (type 0))
)
