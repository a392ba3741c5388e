;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.add
;; instructions: 3
;; rounds: 4
;; detail: call 0, f6(): [f32 0x6b4e56e3] against [f64 0x4569cadc6004aa30]
(module
  (type (;0;) (func (result f32)))
  (export "f6" (func 0))
  (func (;0;) (type 0) (result f32)
    f32.const 0x1.9cadc6p+87 (;=249449030000000000000000000;)
    f32.const 0x1.2a8c16p+53 (;=10504196000000000;)
    f32.add
  )
)
