;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: Table index out of range. (at N:N)
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: Table index out of range. (at 0:24)
(module
  (type (;0;) (func (param funcref i32 externref)))
  (elem (;0;) declare (ref null 0))
  (elem (;1;) declare func)
)
