;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: if
;; instructions: 4
;; rounds: 1
;; detail: call 0, c0007(): [i32 1] against [i32 0]
(module
  (type (;0;) (func (result i32)))
  (export "c0007" (func 0))
  (func (;0;) (type 0) (result i32)
    i32.const 0
    if (result i32) ;; label = @1
      i32.const 0
    else
      i32.const 1
    end
  )
)
