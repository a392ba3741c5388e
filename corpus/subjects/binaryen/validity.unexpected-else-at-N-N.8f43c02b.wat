;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: unexpected else (at N:N)
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: unexpected else (at 0:33)
(module
  (type (;0;) (struct (field (mut i32)) (field (mut i16))))
  (type (;1;) (struct (field (mut i32)) (field (mut i16)) (field anyref)))
  (elem (;0;) declare (ref null 1))
  (elem (;1;) externref)
)
