;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: i64.trunc_f32_u
;; instructions: 2
;; rounds: 4
;; detail: call 0, f0(): [i64 0] against [f32 0x00000000]
(module
  (type (;0;) (func (result i64)))
  (export "f0" (func 0))
  (func (;0;) (type 0) (result i64)
    f32.const 0x0p+0 (;=0;)
    i64.trunc_f32_u
  )
)
