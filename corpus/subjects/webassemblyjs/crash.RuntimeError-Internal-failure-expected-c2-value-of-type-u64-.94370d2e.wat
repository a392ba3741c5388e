;; subject: webassemblyjs
;; version: 1.14.1
;; difference: crash
;; message: RuntimeError: Internal failure: expected c2 value of type u64 on top of the stack, given type: f32
;; culprits: i64.store
;; instructions: 7
;; rounds: 1
;; detail: [i32 0] against crashed: RuntimeError: Internal failure: expected c2 value of type u64 on top of the stack, given type: f32
(module
  (type (;0;) (func (result i32)))
  (type (;1;) (func (result f32)))
  (memory (;0;) 1)
  (export "c0007" (func 1))
  (func (;0;) (type 1) (result f32)
    (local i64)
    i32.const 0
    local.get 0
    i64.store
    f32.const 0x0p+0 (;=0;)
  )
  (func (;1;) (type 0) (result i32)
    (local f32)
    call 0
    drop
    i32.const 0
  )
)
