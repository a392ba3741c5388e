;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.const
;; instructions: 1
;; rounds: 4
;; detail: call 0, f6(): [f32 0x7fa00000] against [f32 0x4a000000]
(module
  (type (;0;) (func (result f32)))
  (export "f6" (func 0))
  (func (;0;) (type 0) (result f32)
    f32.const nan:0x200000 (;=NaN;)
  )
)
