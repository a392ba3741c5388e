;; test translate

(module
  (global $g (mut i64) (i64.const 1))
  (func $defined_globals_lie_in_the_vmctx (result i64)
    (global.set $g (i64.add (global.get $g) (i64.const 1)))
    (global.get $g))
)
;; function defined_globals_lie_in_the_vmctx() -> i64 {
;; block0:
;;     stack_check
;;     v0 = vmctx.i64
;;     v1 = load.i64 global v0+144
;;     v2 = iconst.i64 1
;;     v3 = iadd v1, v2
;;     store global v3, v0+144
;;     v4 = load.i64 global v0+144
;;     return v4
;; }

(module
  (import "m" "g" (global $g (mut f32)))
  (func $imported_globals_lie_behind_a_pointer (result f32)
    (global.set $g (f32.const 0.5))
    (global.get $g))
)
;; function imported_globals_lie_behind_a_pointer() -> f32 {
;; block0:
;;     stack_check
;;     v0 = fconst.f32 0x3f000000
;;     v1 = vmctx.i64
;;     v2 = load.i64 vmctx readonly v1+144
;;     store global v0, v2
;;     v3 = load.f32 global v2
;;     return v3
;; }

(module
  (import "m" "g" (global $g i32))
  (func $immutable_globals_are_readonly (result i32)
    (global.get $g))
)
;; function immutable_globals_are_readonly() -> i32 {
;; block0:
;;     stack_check
;;     v0 = vmctx.i64
;;     v1 = load.i64 vmctx readonly v0+144
;;     v2 = load.i32 global readonly v1
;;     return v2
;; }
