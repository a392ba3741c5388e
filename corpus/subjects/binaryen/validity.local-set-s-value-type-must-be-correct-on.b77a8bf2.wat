;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: local.set's value type must be correct, on 
;; culprits: if ref.null
;; instructions: 8
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: local.set's value type must be correct, on 
(module
  (type (;0;) (func (param funcref i32) (result funcref i32)))
  (type (;1;) (func (result externref funcref i32)))
  (func (;0;) (type 1) (result externref funcref i32)
    ref.null func
    i32.const 0
    i32.const 0
    ref.null extern
    ref.null func
    i32.const 0
    return
    if (type 0) (param funcref i32) (result funcref i32) ;; label = @1
    else
    end
  )
)
