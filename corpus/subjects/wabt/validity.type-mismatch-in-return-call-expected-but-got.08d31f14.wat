;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in return_call, expected […] but got […]
;; culprits: ref.func return_call
;; instructions: 5
;; rounds: 1
;; detail: [] against invalid: type mismatch in return_call, expected [funcref, f64, f32, i32] but got [(ref 1), f64, f32, i32]
(module
  (type (;0;) (func))
  (type (;1;) (func (param funcref f64 f32 i32) (result f32)))
  (export "c0003" (func 1))
  (elem (;0;) declare func 0)
  (func (;0;) (type 1) (param funcref f64 f32 i32) (result f32)
    ref.func 0
    f64.const 0x0p+0 (;=0;)
    f32.const 0x0p+0 (;=0;)
    i32.const 0
    return_call 0
  )
  (func (;1;) (type 0))
)
