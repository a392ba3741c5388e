;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: table elem type must be a reference type
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: [] against invalid: table elem type must be a reference type
(module
  (type (;0;) (func))
  (export "g4" (func 0))
  (elem (;0;) (ref null 0))
  (func (;0;) (type 0))
)
