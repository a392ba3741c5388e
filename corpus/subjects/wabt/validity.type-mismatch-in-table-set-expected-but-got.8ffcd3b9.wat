;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in table.set, expected […] but got […]
;; culprits: ref.func table.set
;; instructions: 5
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in table.set, expected [i32, funcref] but got [i32, (ref 1)]
(module
  (type (;0;) (func (result i32)))
  (type (;1;) (func (result f32)))
  (table (;0;) 0 funcref)
  (export "c0000" (func 1))
  (elem (;0;) (i32.const 0) func 0)
  (func (;0;) (type 1) (result f32)
    i32.const 0
    ref.func 0
    table.set 0
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 0) (result i32)
    i32.const 0
  )
)
