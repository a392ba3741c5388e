;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in table.grow, expected […] but got […]
;; culprits: ref.func table.grow
;; instructions: 4
;; rounds: 1
;; detail: [] against invalid: type mismatch in table.grow, expected [funcref, i32] but got [(ref 0), i32]
(module
  (type (;0;) (func))
  (table (;0;) 12 funcref)
  (export "m0" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0)
    ref.func 0
    i32.const 0
    table.grow 0
    drop
  )
  (func (;1;) (type 0))
)
