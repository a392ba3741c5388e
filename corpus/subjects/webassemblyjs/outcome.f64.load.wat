;; subject: webassemblyjs
;; version: 1.14.1
;; difference: outcome
;; message: 
;; culprits: f64.load
;; instructions: 2
;; rounds: 4
;; detail: call 0, f4(): trap: out of bounds memory access (in function 0 at byte 39) against [f64 0x0000000000000000]
(module
  (type (;0;) (func (result f64)))
  (memory (;0;) 1)
  (export "f4" (func 0))
  (func (;0;) (type 0) (result f64)
    i32.const -64
    f64.load
  )
)
