;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: invalid element segment index (at N:N)
;; culprits: elem.drop
;; instructions: 1
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: invalid element segment index (at 0:32)
(module
  (type (;0;) (func))
  (elem (;0;) declare func)
  (func (;0;) (type 0)
    elem.drop 0
  )
)
