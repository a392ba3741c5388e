;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in block, expected […] but got […]
;; culprits: block ref.func ref.null v128.const
;; instructions: 7
;; rounds: 1
;; detail: [] against invalid: type mismatch in block, expected [externref, funcref] but got [externref, (ref 0)]
(module
  (type (;0;) (func))
  (type (;1;) (func (param v128) (result externref funcref)))
  (export "host" (func 2))
  (elem (;0;) declare func 0 1)
  (func (;0;) (type 0)
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    block (type 1) (param v128) (result externref funcref) ;; label = @1
      drop
      ref.null extern
      ref.func 1
    end
    drop
    drop
  )
  (func (;1;) (type 0))
  (func (;2;) (type 0))
)
