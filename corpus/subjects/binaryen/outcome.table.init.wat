;; subject: binaryen
;; version: 132.0.0
;; difference: outcome
;; message: 
;; culprits: table.init
;; instructions: 4
;; rounds: 1
;; detail: call 0, c0003(): trap: out of bounds table access (in function 0 at byte 58) against []
(module
  (type (;0;) (func))
  (table (;0;) i64 11 funcref)
  (export "c0003" (func 0))
  (elem (;0;) declare func)
  (elem (;1;) funcref (ref.null func))
  (func (;0;) (type 0)
    i64.const 0
    i32.const 1
    i32.const 0
    table.init 0
  )
)
