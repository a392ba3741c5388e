;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in call_indirect, expected […] but got […]
;; culprits: call_indirect ref.func ref.null
;; instructions: 6
;; rounds: 1
;; detail: [] against invalid: type mismatch in call_indirect, expected [funcref, funcref] but got [funcref, (ref 1)]
(module
  (type (;0;) (func))
  (type (;1;) (func (param funcref funcref) (result i32)))
  (table (;0;) 4 funcref)
  (export "c0004" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 1) (param funcref funcref) (result i32)
    ref.null func
    ref.func 0
    i32.const 0
    call_indirect (type 1)
    drop
    i32.const 0
  )
  (func (;1;) (type 0))
)
