;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.convert_i32_u
;; instructions: 2
;; rounds: 4
;; detail: call 0, f1(): [f32 0x00000000] against [i32 0]
(module
  (type (;0;) (func (result f32)))
  (export "f1" (func 0))
  (func (;0;) (type 0) (result f32)
    i32.const 0
    f32.convert_i32_u
  )
)
