;; subject: webassemblyjs
;; version: 1.14.1
;; difference: validity
;; message: Error: Validation errors:
;; culprits: call i32.const i64.const
;; instructions: 4
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: Error: Validation errors: / Expected type i32 but got i64 at func_1:2.
(module
  (type (;0;) (func (param i32 i64) (result i32)))
  (type (;1;) (func (result i32)))
  (func (;0;) (type 0) (param i32 i64) (result i32)
    i32.const 0
  )
  (func (;1;) (type 1) (result i32)
    i32.const 0
    i64.const 0
    call 0
  )
)
