;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in return, expected […] but got […]
;; culprits: ref.func
;; instructions: 4
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in return, expected [funcref] but got [(ref 1)]
(module
  (type (;0;) (func (result funcref)))
  (type (;1;) (func (result i64)))
  (type (;2;) (func (result i32)))
  (export "host" (func 2))
  (elem (;0;) declare func 0 1)
  (func (;0;) (type 0) (result funcref)
    ref.func 1
    return
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
  )
  (func (;2;) (type 2) (result i32)
    i32.const 0
  )
)
