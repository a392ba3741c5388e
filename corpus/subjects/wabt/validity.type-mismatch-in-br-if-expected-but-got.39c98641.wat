;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in br_if, expected […] but got […]
;; culprits: br_if ref.func ref.null
;; instructions: 6
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in br_if, expected [funcref] but got [(ref 1)]
(module
  (type (;0;) (func (result i32)))
  (type (;1;) (func (result funcref)))
  (export "c0000" (func 1))
  (elem (;0;) declare funcref (ref.null func) (ref.func 0))
  (func (;0;) (type 1) (result funcref)
    ref.func 0
    i32.const 0
    br_if 0
    drop
    ref.null func
  )
  (func (;1;) (type 0) (result i32)
    i32.const 0
  )
)
