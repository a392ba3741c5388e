;; subject: webassemblyjs
;; version: 1.14.1
;; difference: validity
;; message: Error: Validation errors:
;; culprits: f64.const i32.const i64.const
;; instructions: 3
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: Error: Validation errors: / Expected type i32 but got f64 at func_0.
(module
  (type (;0;) (func (result i32 i64 f64)))
  (func (;0;) (type 0) (result i32 i64 f64)
    i32.const 0
    i64.const 0
    f64.const 0x0p+0 (;=0;)
  )
)
