;; subject: webassemblyjs
;; version: 1.14.1
;; difference: outcome
;; message: 
;; culprits: f32.load
;; instructions: 2
;; rounds: 4
;; detail: call 0, f4(): trap: out of bounds memory access (in function 0 at byte 41) against [f32 0x00000000]
(module
  (type (;0;) (func (result f32)))
  (memory (;0;) 1)
  (export "f4" (func 0))
  (func (;0;) (type 0) (result f32)
    i32.const -32768
    f32.load
  )
)
