;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: invalid signature type (type $array.N (sub $array.N (array i32))) (at N:N)
;; culprits: tables elements
;; instructions: 0
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: invalid signature type (type $array.0 (sub $array.1 (array i32))) (at 0:43)
(module
  (type (;0;) (sub (array i32)))
  (type (;1;) (sub 0 (array i32)))
  (type (;2;) (array i32))
  (table (;0;) i64 0 funcref)
  (table (;1;) i64 0 funcref)
  (elem (;0;) declare (ref null 2))
  (elem (;1;) (table 1) (i64.const 0) funcref)
)
