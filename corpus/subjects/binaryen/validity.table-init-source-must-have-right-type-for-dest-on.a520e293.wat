;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: table.init source must have right type for dest, on 
;; culprits: table.init
;; instructions: 4
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: table.init source must have right type for dest, on 
(module
  (type (;0;) (func))
  (table (;0;) i64 2 exnref)
  (elem (;0;) declare exnref)
  (elem (;1;) funcref)
  (func (;0;) (type 0)
    i64.const 0
    i32.const 0
    i32.const 0
    table.init 0
  )
)
