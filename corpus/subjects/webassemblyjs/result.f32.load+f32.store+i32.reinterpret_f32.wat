;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.load f32.store i32.reinterpret_f32
;; instructions: 6
;; rounds: 4
;; detail: call 0, f1(): [i32 -4194304] against [i32 -897581056]
(module
  (type (;0;) (func (result i32)))
  (memory (;0;) 1)
  (export "f1" (func 0))
  (func (;0;) (type 0) (result i32)
    i32.const 0
    f32.const -nan (;=NaN;)
    f32.store offset=65520
    i32.const 0
    f32.load offset=65520
    i32.reinterpret_f32
  )
)
