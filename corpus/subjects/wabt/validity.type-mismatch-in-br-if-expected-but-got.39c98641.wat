;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in br_if, expected […] but got […]
;; culprits: block br_if ref.func
;; instructions: 7
;; rounds: 1
;; detail: [] against invalid: type mismatch in br_if, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func (result f32)))
  (type (;1;) (func))
  (export "c0004" (func 2))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0) (result f32)
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 0) (result f32)
    block (result funcref) ;; label = @1
      ref.func 0
      i32.const 0
      br_if 0 (;@1;)
    end
    drop
    f32.const 0x0p+0 (;=0;)
  )
  (func (;2;) (type 1))
)
