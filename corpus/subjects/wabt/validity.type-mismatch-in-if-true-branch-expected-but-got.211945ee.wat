;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in `if true` branch, expected […] but got […]
;; culprits: if ref.func ref.null
;; instructions: 8
;; rounds: 1
;; detail: [] against invalid: type mismatch in `if true` branch, expected [funcref] but got [(ref 1)]
(module
  (type (;0;) (func (param f64) (result funcref)))
  (type (;1;) (func))
  (export "host" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 1)
    f64.const 0x0p+0 (;=0;)
    i32.const 0
    if (type 0) (param f64) (result funcref) ;; label = @1
      drop
      ref.func 0
    else
      drop
      ref.null func
    end
    drop
  )
  (func (;1;) (type 1))
)
