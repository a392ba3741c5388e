;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in return_call_indirect, expected […] but got […]
;; culprits: return_call_indirect
;; instructions: 2
;; rounds: 1
;; detail: [] against invalid: type mismatch in return_call_indirect, expected [i32] but got [i64]
(module
  (type (;0;) (func))
  (type (;1;) (func (result f64 f32 f32)))
  (table (;0;) i64 9 funcref)
  (export "host" (func 1))
  (func (;0;) (type 1) (result f64 f32 f32)
    i64.const 0
    return_call_indirect (type 1)
  )
  (func (;1;) (type 0))
)
