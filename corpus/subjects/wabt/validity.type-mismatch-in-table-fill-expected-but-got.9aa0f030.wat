;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in table.fill, expected […] but got […]
;; culprits: ref.func table.fill
;; instructions: 4
;; rounds: 1
;; detail: [] against invalid: type mismatch in table.fill, expected [i64, funcref, i64] but got [i64, (ref 0), i64]
(module
  (type (;0;) (func))
  (table (;0;) i64 7 funcref)
  (export "m0" (func 2))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0))
  (func (;1;) (type 0)
    i64.const 0
    ref.func 0
    i64.const 0
    table.fill 0
  )
  (func (;2;) (type 0))
)
