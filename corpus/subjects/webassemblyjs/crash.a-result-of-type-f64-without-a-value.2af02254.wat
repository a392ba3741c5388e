;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: a result of type f64 without a value
;; culprits: f64.load
;; instructions: 2
;; rounds: 4
;; detail: 4 calls: 0 gave values, 4 did not against crashed: a result of type f64 without a value
(module
  (type (;0;) (func (result f64)))
  (memory (;0;) 1)
  (export "f2" (func 0))
  (func (;0;) (type 0) (result f64)
    i32.const -1
    f64.load
  )
)
