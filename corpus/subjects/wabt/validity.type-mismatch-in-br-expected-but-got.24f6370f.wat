;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in br, expected […] but got […]
;; culprits: block br ref.func v128.const
;; instructions: 9
;; rounds: 1
;; detail: stopped at the start by trap: out of bounds table access () against invalid: type mismatch in br, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result v128 v128 v128 i32)))
  (type (;1;) (func (result i64)))
  (table (;0;) 0 funcref)
  (export "m2" (func 1))
  (elem (;0;) (i32.const 1) funcref (ref.func 0))
  (func (;0;) (type 0) (result v128 v128 v128 i32)
    block (result funcref) ;; label = @1
      ref.func 0
      br 0 (;@1;)
    end
    drop
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    i32.const 0
  )
  (func (;1;) (type 1) (result i64)
    i64.const 0
  )
)
