;; subject: webassemblyjs
;; version: 1.14.1
;; difference: validity
;; message: TypeError: Cannot read properties of undefined (reading 'loc')
;; culprits: if
;; instructions: 3
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: TypeError: Cannot read properties of undefined (reading 'loc')
(module
  (type (;0;) (func (result i64)))
  (func (;0;) (type 0) (result i64)
    i32.const 0
    if ;; label = @1
    end
    i64.const 0
  )
)
