;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in br_table, expected […] but got […]
;; culprits: br_table ref.func ref.null v128.const
;; instructions: 6
;; rounds: 1
;; detail: [i64 0] against invalid: type mismatch in br_table, expected [funcref, externref, v128] but got [(ref 0), externref, v128]
(module
  (type (;0;) (func (result funcref externref v128)))
  (type (;1;) (func (result i64)))
  (export "m1" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0) (result funcref externref v128)
    ref.func 0
    ref.null extern
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    i32.const 0
    br_table 0 0
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
  )
)
