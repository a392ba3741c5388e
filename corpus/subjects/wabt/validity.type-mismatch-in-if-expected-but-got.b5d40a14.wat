;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in if, expected […] but got […]
;; culprits: if ref.func
;; instructions: 11
;; rounds: 1
;; detail: [] against invalid: type mismatch in if, expected [funcref] but got [(ref 2)]
(module
  (type (;0;) (func))
  (type (;1;) (func (param funcref) (result f32)))
  (type (;2;) (func (result f32 i32 i32)))
  (table (;0;) 8 funcref)
  (export "c0002" (func 2))
  (elem (;0;) (i32.const 4) func 1 0)
  (func (;0;) (type 2) (result f32 i32 i32)
    f32.const 0x0p+0 (;=0;)
    i32.const 0
    i32.const 0
  )
  (func (;1;) (type 0)
    ref.func 0
    i32.const 0
    if (type 1) (param funcref) (result f32) ;; label = @1
      drop
      f32.const 0x0p+0 (;=0;)
    else
      drop
      f32.const 0x0p+0 (;=0;)
    end
    drop
  )
  (func (;2;) (type 0))
)
