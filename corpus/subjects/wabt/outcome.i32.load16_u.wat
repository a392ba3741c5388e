;; subject: wabt
;; version: 1.0.39
;; difference: outcome
;; message: 
;; culprits: i32.load16_u
;; instructions: 4
;; rounds: 1
;; detail: call 0, c0001(): trap: out of bounds memory access (in function 0 at byte 42) against [i64 0]
(module
  (type (;0;) (func (result i64)))
  (memory (;0;) i64 1)
  (export "c0001" (func 0))
  (func (;0;) (type 0) (result i64)
    i64.const 0
    i32.load16_u offset=4294967296 align=1
    drop
    i64.const 0
  )
)
