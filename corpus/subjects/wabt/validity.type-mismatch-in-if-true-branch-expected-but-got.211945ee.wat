;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in `if true` branch, expected […] but got […]
;; culprits: if ref.func
;; instructions: 7
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in `if true` branch, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result i32)))
  (export "c0000" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0) (result i32)
    i32.const 0
    if (result funcref) ;; label = @1
      ref.func 0
    else
      ref.func 0
    end
    drop
    i32.const 0
  )
  (func (;1;) (type 0) (result i32)
    i32.const 0
  )
)
