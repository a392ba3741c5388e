;; subject: webassemblyjs
;; version: 1.14.1
;; difference: outcome
;; message: 
;; culprits: i64.store32
;; instructions: 4
;; rounds: 4
;; detail: call 0, f4(): trap: out of bounds memory access (in function 0 at byte 41) against [i32 0]
(module
  (type (;0;) (func (result i32)))
  (memory (;0;) 1)
  (export "f4" (func 0))
  (func (;0;) (type 0) (result i32)
    i32.const -1
    i64.const 0
    i64.store32
    i32.const 0
  )
)
