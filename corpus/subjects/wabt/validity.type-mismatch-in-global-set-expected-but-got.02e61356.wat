;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in global.set, expected […] but got […]
;; culprits: global.set ref.func ref.null
;; instructions: 4
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in global.set, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result f32)))
  (type (;1;) (func (result i32)))
  (table (;0;) 0 funcref)
  (global (;0;) (mut funcref) ref.null func)
  (export "g9" (func 1))
  (elem (;0;) (i32.const 0) func 0)
  (func (;0;) (type 0) (result f32)
    ref.func 0
    global.set 0
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 1) (result i32)
    i32.const 0
  )
)
