;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: Invalid kind (!= funcref(N)) since !usesExpressions. (at N:N)
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: Invalid kind (!= funcref(0)) since !usesExpressions. (at 0:27)
(module
  (type (;0;) (func))
  (elem (;0;) declare (ref null 0) (ref.func 0))
  (elem (;1;) func)
  (func (;0;) (type 0))
)
