;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f64.convert_i32_s
;; instructions: 2
;; rounds: 4
;; detail: call 0, f1(): [f64 0x0000000000000000] against [i32 0]
(module
  (type (;0;) (func (result f64)))
  (export "f1" (func 0))
  (func (;0;) (type 0) (result f64)
    i32.const 0
    f64.convert_i32_s
  )
)
