;; subject: webassemblyjs
;; version: 1.14.1
;; difference: result
;; message: 
;; culprits: f32.load f32.sqrt f32.store
;; instructions: 6
;; rounds: 4
;; detail: call 0, f1(): [f32 0x7fc00000] against [f32 0xf5155ff9]
(module
  (type (;0;) (func (result f32)))
  (memory (;0;) 1)
  (export "f1" (func 0))
  (func (;0;) (type 0) (result f32)
    i32.const 0
    f32.const -0x1.2abff2p+107 (;=-189355170000000000000000000000000;)
    f32.store offset=65520
    i32.const 0
    f32.load offset=65520
    f32.sqrt
  )
)
