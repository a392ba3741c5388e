;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: popping from empty stack (at N:N)
;; culprits: tables elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: popping from empty stack (at 0:43)
(module
  (type (;0;) (func (result f64 v128)))
  (type (;1;) (func))
  (table (;0;) 9 funcref)
  (elem (;0;) declare (ref null 0))
  (elem (;1;) declare func 0 1)
  (func (;0;) (type 1))
  (func (;1;) (type 1))
)
