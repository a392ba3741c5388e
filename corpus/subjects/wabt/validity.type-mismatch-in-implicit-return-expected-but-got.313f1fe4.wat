;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in implicit return, expected […] but got […]
;; culprits: ref.func ref.null
;; instructions: 3
;; rounds: 1
;; detail: [i32 0] against invalid: type mismatch in implicit return, expected [externref, funcref] but got [externref, (ref 1)]
(module
  (type (;0;) (func (result i32)))
  (type (;1;) (func (result externref funcref)))
  (export "c0000_1" (func 1))
  (elem (;0;) func 0)
  (func (;0;) (type 1) (result externref funcref)
    ref.null extern
    ref.func 0
  )
  (func (;1;) (type 0) (result i32)
    i32.const 0
  )
)
