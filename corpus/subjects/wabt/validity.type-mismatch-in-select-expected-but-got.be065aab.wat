;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in select, expected […] but got […]
;; culprits: ref.func select
;; instructions: 5
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in select, expected [any, any, i32] but got [(ref 0), (ref 0), i32]
(module
  (type (;0;) (func))
  (table (;0;) 0 funcref)
  (export "g1" (func 2))
  (elem (;0;) (offset i32.const -1 i32.const 1 i32.add) funcref (ref.null func) (ref.null func) (ref.null func) (ref.func 1))
  (func (;0;) (type 0)
    ref.func 1
    ref.func 1
    i32.const 0
    select (result funcref)
    drop
  )
  (func (;1;) (type 0))
  (func (;2;) (type 0))
)
