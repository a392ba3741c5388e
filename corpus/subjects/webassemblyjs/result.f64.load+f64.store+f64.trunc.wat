;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f64.load f64.store f64.trunc
;; instructions: 6
;; rounds: 4
;; detail: call 0, f1(): [f64 0x0000000000000000] against [f64 0x3fe0000000000000]
(module
  (type (;0;) (func (result f64)))
  (memory (;0;) 1)
  (export "f1" (func 0))
  (func (;0;) (type 0) (result f64)
    i32.const 0
    f64.const 0x1p-1 (;=0.5;)
    f64.store offset=65520
    i32.const 0
    f64.load offset=65520
    f64.trunc
  )
)
