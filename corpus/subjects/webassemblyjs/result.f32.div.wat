;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.div
;; instructions: 3
;; rounds: 4
;; detail: call 0, f6(): [f32 0x42958001] against [f64 0x4052b00012b00013]
(module
  (type (;0;) (func (result f32)))
  (export "f6" (func 0))
  (func (;0;) (type 0) (result f32)
    f32.const 0x1.2bp+6 (;=74.75;)
    f32.const 0x1.fffffep-1 (;=0.99999994;)
    f32.div
  )
)
