;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in return_call_indirect, expected […] but got […]
;; culprits: return_call_indirect
;; instructions: 3
;; rounds: 1
;; detail: [] against invalid: type mismatch in return_call_indirect, expected [i32] but got [... i64]
(module
  (type (;0;) (func (param i64)))
  (type (;1;) (func))
  (type (;2;) (func))
  (table (;0;) i64 3 funcref)
  (export "c0003" (func 1))
  (func (;0;) (type 1)
    i64.const 0
    i64.const 0
    return_call_indirect (type 0)
  )
  (func (;1;) (type 2))
)
