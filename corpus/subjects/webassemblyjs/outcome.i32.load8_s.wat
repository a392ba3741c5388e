;; subject: webassemblyjs
;; version: 1.14.1
;; difference: outcome
;; message: 
;; culprits: i32.load8_s
;; instructions: 2
;; rounds: 4
;; detail: call 0, f2(): trap: out of bounds memory access (in function 0 at byte 39) against [i32 0]
(module
  (type (;0;) (func (result i32)))
  (memory (;0;) 1)
  (export "f2" (func 0))
  (func (;0;) (type 0) (result i32)
    i32.const -1
    i32.load8_s
  )
)
