;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.sub
;; instructions: 3
;; rounds: 4
;; detail: call 0, f6(): [f32 0x4b000001] against [f64 0x416000001ccccccc]
(module
  (type (;0;) (func (result f32)))
  (export "f6" (func 0))
  (func (;0;) (type 0) (result f32)
    f32.const 0x1.000002p+23 (;=8388609;)
    f32.const 0x1.99999ap-4 (;=0.1;)
    f32.sub
  )
)
