;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: function type variable out of range: N (max N)
;; culprits: i32.const i64.const
;; instructions: 2
;; rounds: 1
;; detail: [i32 0] against invalid: function type variable out of range: 2 (max 2)
(module
  (type (;0;) (struct (field (mut i32)) (field (mut i32))))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (result i64)))
  (export "g3" (func 1))
  (func (;0;) (type 2) (result i64)
    i64.const 0
  )
  (func (;1;) (type 1) (result i32)
    i32.const 0
  )
)
