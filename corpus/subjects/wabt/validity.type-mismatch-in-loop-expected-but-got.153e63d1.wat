;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in loop, expected […] but got […]
;; culprits: loop ref.func
;; instructions: 5
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in loop, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result i64)))
  (type (;1;) (func (result i64)))
  (table (;0;) 0 funcref)
  (export "g9" (func 1))
  (elem (;0;) (i32.const 1) func 0)
  (func (;0;) (type 0) (result i64)
    loop (result funcref) ;; label = @1
      ref.func 0
    end
    drop
    i64.const 0
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
  )
)
