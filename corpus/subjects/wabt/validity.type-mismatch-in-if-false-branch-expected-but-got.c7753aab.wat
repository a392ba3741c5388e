;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in `if false` branch, expected […] but got […]
;; culprits: if ref.func ref.null
;; instructions: 5
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in `if false` branch, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func))
  (table (;0;) 0 funcref)
  (export "c0003" (func 2))
  (elem (;0;) (i32.const 2) funcref (ref.func 0))
  (func (;0;) (type 0))
  (func (;1;) (type 0)
    i32.const 0
    if (result funcref) ;; label = @1
      ref.null func
    else
      ref.func 0
    end
    drop
  )
  (func (;2;) (type 0))
)
