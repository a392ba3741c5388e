;; subject: wabt
;; version: 1.0.39
;; difference: crash
;; message: RuntimeError: Aborted(). Build with -sASSERTIONS for more info.
;; culprits: block br call ref.null return_call throw try_table v128.const
;; instructions: 16
;; rounds: 1
;; detail: [i32 0] against crashed: RuntimeError: Aborted(). Build with -sASSERTIONS for more info.
(module
  (type (;0;) (func (result f32 f32 v128)))
  (type (;1;) (func (param f32) (result f32 f32 v128)))
  (type (;2;) (func))
  (tag (;0;) (type 2))
  (export "c0000" (func 2))
  (func (;0;) (type 0) (result f32 f32 v128)
    f32.const 0x0p+0 (;=0;)
    return_call 1
  )
  (func (;1;) (type 1) (param f32) (result f32 f32 v128)
    block (result exnref) ;; label = @1
      block ;; label = @2
        try_table (result exnref) (catch_all 0 (;@2;)) ;; label = @3
          throw 0
        end
        br 1 (;@1;)
      end
      ref.null exn
    end
    drop
    f32.const 0x0p+0 (;=0;)
    f32.const 0x0p+0 (;=0;)
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
  )
  (func (;2;) (type 2)
    (local f32 f32 v128)
    call 0
    drop
    drop
    drop
  )
)
