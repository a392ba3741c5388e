;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in loop, expected […] but got […]
;; culprits: loop ref.func
;; instructions: 7
;; rounds: 1
;; detail: [] against invalid: type mismatch in loop, expected [funcref, funcref] but got [(ref 1), (ref 1)]
(module
  (type (;0;) (func (param funcref funcref) (result i64)))
  (type (;1;) (func))
  (export "c0001_2" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 1)
    ref.func 0
    ref.func 0
    loop (type 0) (param funcref funcref) (result i64) ;; label = @1
      drop
      drop
      i64.const 0
    end
    drop
  )
  (func (;1;) (type 1))
)
