;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: Internal failure: expected value of type i32 on top of the stack, type given: f64
;; culprits: block br_if i32.trunc_f64_s
;; instructions: 5
;; rounds: 4
;; detail: 4 calls: 4 gave values, 0 did not against crashed: RuntimeError: Internal failure: expected value of type i32 on top of the stack, type given: f64
(module
  (type (;0;) (func (result i32)))
  (export "f2" (func 0))
  (func (;0;) (type 0) (result i32)
    block ;; label = @1
      f64.const 0x0p+0 (;=0;)
      i32.trunc_f64_s
      br_if 0 (;@1;)
    end
    i32.const 0
  )
)
