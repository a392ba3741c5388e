;; subject: wabt
;; version: 1.0.39
;; difference: outcome
;; message: 
;; culprits: i32.load16_s
;; instructions: 3
;; rounds: 1
;; detail: call 0, c0000(): trap: out of bounds memory access (in function 0 at byte 41) against []
(module
  (type (;0;) (func))
  (memory (;0;) i64 1)
  (export "c0000" (func 0))
  (func (;0;) (type 0)
    i64.const 0
    i32.load16_s offset=4294967296
    drop
  )
)
