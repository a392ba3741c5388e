;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: invalid global type: N
;; culprits: ref.null
;; instructions: 0
;; rounds: 1
;; detail: [] against invalid: invalid global type: 0xffffffe3
(module
  (type (;0;) (func))
  (global (;0;) (mut (ref null 0)) ref.null 0)
  (export "m2" (func 0))
  (func (;0;) (type 0))
)
