;; test translate

(module
  (func $callee (param i32 i64) (result i64) (local.get 1))
  (func $calls_own_functions_directly (result i64)
    (call $callee (i32.const 1) (i64.const 2)))
)
;; function callee(i32, i64) -> i64 {
;; block0(v0: i32, v1: i64):
;;     stack_check
;;     return v1
;; }
;;
;; function calls_own_functions_directly() -> i64 {
;;     sig0 = (i32, i64) -> i64
;;     fn0 = sig0
;; block0:
;;     stack_check
;;     v0 = iconst.i32 1
;;     v1 = iconst.i64 2
;;     v2 = call fn0(v0, v1)
;;     return v2
;; }

(module
  (import "host" "log" (func $log (param f32) (result f32 f64)))
  (func $calls_imports_through_the_vmctx (param f32) (result f64)
    (local $d f64)
    (local.set $d (call $log (local.get 0)))
    drop
    (local.get $d))
)
;; function calls_imports_through_the_vmctx(f32) -> f64 {
;;     sig0 = (f32) -> f32, f64
;; block0(v0: f32):
;;     stack_check
;;     v1 = vmctx.i64
;;     v2 = load.i64 vmctx readonly v1+144
;;     v3 = load.i64 vmctx readonly v1+152
;;     v4, v5 = call_indirect sig0, v2, v3(v0)
;;     return v5
;; }

;; Bounds, null, signature; then the callee's own vmctx.
(module
  (type $t (func (param i32) (result i32)))
  (table 8 funcref)
  (func $checks_indirect_calls (param i32) (result i32)
    (call_indirect (type $t) (i32.const 5) (local.get 0)))
)
;; function checks_indirect_calls(i32) -> i32 {
;;     sig0 = (i32) -> i32
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 5
;;     v2 = uextend.i64 v0
;;     v3 = vmctx.i64
;;     v4 = load.i64 vmctx readonly v3+152
;;     v5 = load.i64 definition v4
;;     v6 = icmp uge v2, v5
;;     trapnz v6, undefinedElement
;;     v7 = load.i64 vmctx readonly v3+144
;;     v8 = iconst.i64 3
;;     v9 = ishl v2, v8
;;     v10 = iadd v7, v9
;;     v11 = iconst.i64 0
;;     v12 = select_guard v6, v11, v10
;;     v13 = load.i64 table v12
;;     trapz v13, uninitializedElement
;;     v14 = load.i32 descriptor readonly v13+16
;;     v15 = load.i32 vmctx readonly v3+128
;;     v16 = icmp ne v14, v15
;;     trapnz v16, indirectCallTypeMismatch
;;     v17 = load.i64 descriptor readonly v13
;;     v18 = load.i64 descriptor readonly v13+8
;;     v19 = call_indirect sig0, v17, v18(v1)
;;     return v19
;; }
