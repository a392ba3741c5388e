;; subject: webassemblyjs
;; version: 1.14.1
;; difference: outcome
;; message: 
;; culprits: f64.store
;; instructions: 4
;; rounds: 4
;; detail: call 0, f1(): trap: out of bounds memory access (in function 0 at byte 48) against [i64 0]
(module
  (type (;0;) (func (result i64)))
  (memory (;0;) 1)
  (export "f1" (func 0))
  (func (;0;) (type 0) (result i64)
    i32.const -1
    f64.const 0x0p+0 (;=0;)
    f64.store
    i64.const 0
  )
)
