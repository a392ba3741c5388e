;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: initializer expression can only reference an imported global
;; culprits: global.get
;; instructions: 0
;; rounds: 1
;; detail: [] against invalid: initializer expression can only reference an imported global
(module
  (type (;0;) (func))
  (global (;0;) i64 i64.const 0)
  (global (;1;) (mut i64) global.get 0)
  (export "g9" (func 0))
  (func (;0;) (type 0))
)
