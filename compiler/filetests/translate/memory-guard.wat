;; test translate
;; bounds guard

(module
  (memory 1)
  (func $loads_and_stores_with_offsets (param i32)
    (i32.store16 offset=6 (local.get 0) (i32.load8_s offset=40 (local.get 0))))
)
;; function loads_and_stores_with_offsets(i32) {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = vmctx.i64
;;     v3 = load.i64 vmctx readonly v2+144
;;     v4 = iadd v3, v1
;;     v5 = sload8.i32 memory trap=outOfBoundsMemoryAccess v4+40
;;     v6 = uextend.i64 v0
;;     v7 = iadd v3, v6
;;     store16 memory trap=outOfBoundsMemoryAccess v5, v7+6
;;     return
;; }

;; The record holds offsets up to 2^31 - 1; larger ones are added to the address.
(module
  (memory 1)
  (func $adds_large_offsets (param i32) (result f64)
    (f64.load offset=2147483648 (local.get 0)))
)
;; function adds_large_offsets(i32) -> f64 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = vmctx.i64
;;     v3 = load.i64 vmctx readonly v2+144
;;     v4 = iadd v3, v1
;;     v5 = iconst.i64 2147483648
;;     v6 = iadd v4, v5
;;     v7 = load.f64 memory trap=outOfBoundsMemoryAccess v6
;;     return v7
;; }

(module
  (memory 1)
  (func $size_comes_from_the_definition (result i32)
    (memory.size))
)
;; function size_comes_from_the_definition() -> i32 {
;; block0:
;;     stack_check
;;     v0 = vmctx.i64
;;     v1 = load.i64 vmctx readonly v0+152
;;     v2 = load.i64 definition v1
;;     v3 = iconst.i64 16
;;     v4 = ushr v2, v3
;;     v5 = ireduce.i32 v4
;;     return v5
;; }

(module
  (memory 1)
  (data "abc")
  (func $bulk_goes_to_the_runtime (param i32) (result i32)
    (memory.init 0 (local.get 0) (i32.const 0) (i32.const 3))
    (memory.copy (local.get 0) (i32.const 8) (i32.const 16))
    (memory.fill (local.get 0) (i32.const 1) (i32.const 2))
    (data.drop 0)
    (memory.grow (local.get 0)))
)
;; function bulk_goes_to_the_runtime(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 0
;;     v2 = iconst.i32 3
;;     v3 = iconst.i32 0
;;     v4 = iconst.i32 0
;;     libcall memoryInit(v3, v4, v0, v1, v2)
;;     v5 = iconst.i32 8
;;     v6 = iconst.i32 16
;;     v7 = iconst.i32 0
;;     v8 = iconst.i32 0
;;     libcall memoryCopy(v7, v8, v0, v5, v6)
;;     v9 = iconst.i32 1
;;     v10 = iconst.i32 2
;;     v11 = iconst.i32 0
;;     libcall memoryFill(v11, v0, v9, v10)
;;     v12 = iconst.i32 0
;;     libcall dataDrop(v12)
;;     v13 = iconst.i32 0
;;     v14 = libcall memoryGrow(v13, v0)
;;     return v14
;; }
