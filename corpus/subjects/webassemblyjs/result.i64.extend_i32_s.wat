;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: i64.extend_i32_s
;; instructions: 2
;; rounds: 4
;; detail: call 0, f1(): [i64 0] against [i32 0]
(module
  (type (;0;) (func (result i64)))
  (export "f1" (func 0))
  (func (;0;) (type 0) (result i64)
    i32.const 0
    i64.extend_i32_s
  )
)
