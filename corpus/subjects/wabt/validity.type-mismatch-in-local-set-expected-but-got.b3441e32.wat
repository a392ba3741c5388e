;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in local.set, expected […] but got […]
;; culprits: ref.func
;; instructions: 2
;; rounds: 1
;; detail: [] against invalid: type mismatch in local.set, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func))
  (type (;1;) (func))
  (table (;0;) 7 funcref)
  (export "c0000" (func 1))
  (elem (;0;) (i32.const 6) func 0)
  (func (;0;) (type 0)
    (local funcref)
    ref.func 0
    local.set 0
  )
  (func (;1;) (type 1))
)
