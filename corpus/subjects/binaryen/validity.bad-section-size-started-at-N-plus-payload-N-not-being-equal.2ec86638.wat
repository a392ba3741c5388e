;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: bad section size, started at N plus payload N not being equal to new position N (at N:N)
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: bad section size, started at 18 plus payload 5 not being equal to new position 22 (at 0:22)
(module
  (type (;0;) (func (result i64 i32)))
  (elem (;0;) declare (ref null 0))
)
