;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: Unsupported u64 load
;; culprits: i64.load
;; instructions: 2
;; rounds: 4
;; detail: 4 calls: 4 gave values, 0 did not against crashed: RuntimeError: Unsupported u64 load
(module
  (type (;0;) (func (result i64)))
  (memory (;0;) 1)
  (export "f1" (func 0))
  (func (;0;) (type 0) (result i64)
    i32.const 0
    i64.load
  )
)
