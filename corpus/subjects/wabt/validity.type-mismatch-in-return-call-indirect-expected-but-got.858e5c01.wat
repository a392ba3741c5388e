;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in return_call_indirect, expected […] but got […]
;; culprits: return_call_indirect
;; instructions: 4
;; rounds: 1
;; detail: [i64 0] against invalid: type mismatch in return_call_indirect, expected [i32] but got [... i64]
(module
  (type (;0;) (func (param i32) (result i64 f32)))
  (type (;1;) (func (result i64)))
  (table (;0;) i64 4 funcref)
  (export "m1" (func 1))
  (func (;0;) (type 0) (param i32) (result i64 f32)
    i32.const 0
    i64.const 0
    return_call_indirect (type 0)
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
  )
)
