;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: unused expressions without block context (at N:N)
;; culprits: elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: unused expressions without block context (at 0:36)
(module
  (rec
    (type (;0;) (array (mut (ref null 1))))
    (type (;1;) (array (mut (ref null 1))))
  )
  (elem (;0;) declare (ref null 1) (item ref.null 1 i32.const 1 array.new 1))
)
