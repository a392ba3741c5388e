;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f64.const
;; instructions: 1
;; rounds: 4
;; detail: call 0, f4(): [f64 0xfff8000000000000] against [f64 0xc320000000000000]
(module
  (type (;0;) (func (result f64)))
  (export "f4" (func 0))
  (func (;0;) (type 0) (result f64)
    f64.const -nan (;=NaN;)
  )
)
