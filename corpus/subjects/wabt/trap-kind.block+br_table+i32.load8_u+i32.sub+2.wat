;; subject: wabt
;; version: 1.0.39
;; difference: trap-kind
;; message: 
;; culprits: block br_table i32.load8_u i32.sub loop v128.const
;; instructions: 29
;; rounds: 1
;; detail: call 0, c0000(): trap: out of bounds memory access (in function 0 at byte 57) against trap: unreachable (unreachable executed)
(module
  (type (;0;) (func (param i32 i32) (result i32)))
  (type (;1;) (func (result i64)))
  (memory (;0;) i64 1)
  (export "c0000" (func 0))
  (func (;0;) (type 1) (result i64)
    (local i32)
    i64.const 0
    drop
    loop (result v128) ;; label = @1
      block ;; label = @2
        i64.const 0
        i32.load8_u offset=281474976710656
        drop
      end
      i32.const 0
      i32.const 0
      block (type 0) (param i32 i32) (result i32) ;; label = @2
        i32.const 0
        drop
        unreachable
        i32.sub
        local.tee 0
        i32.const 0
        i32.const 0
        drop
        i32.const 0
        br_table 0 (;@2;) 0 (;@2;) 0 (;@2;)
        drop
      end
      drop
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    end
    drop
    f64.const 0x0p+0 (;=0;)
    i64.const 0
    drop
    drop
    i64.const 0
  )
)
