;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: invalid tag index (at N:N)
;; culprits: tables elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: invalid tag index (at 0:30)
(module
  (type (;0;) (func (param funcref)))
  (table (;0;) 4 funcref)
  (elem (;0;) declare (ref null 0))
  (elem (;1;) declare externref)
)
