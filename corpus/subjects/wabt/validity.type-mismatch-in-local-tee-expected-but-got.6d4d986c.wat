;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in local.tee, expected […] but got […]
;; culprits: ref.func
;; instructions: 3
;; rounds: 1
;; detail: [] against invalid: type mismatch in local.tee, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func))
  (export "m2" (func 2))
  (elem (;0;) declare func 0 1)
  (func (;0;) (type 0)
    (local funcref)
    ref.func 1
    local.tee 0
    drop
  )
  (func (;1;) (type 0))
  (func (;2;) (type 0))
)
