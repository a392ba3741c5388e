;; test translate
;; bounds explicit
;; spectre off

(module
  (memory 1)
  (func $checks_without_mask (param i32) (result i32)
    (i32.load offset=70000 (local.get 0)))
)
;; function checks_without_mask(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = iconst.i64 70004
;;     v3 = iadd v1, v2
;;     v4 = vmctx.i64
;;     v5 = load.i64 vmctx readonly v4+152
;;     v6 = load.i64 definition v5
;;     v7 = icmp ugt v3, v6
;;     trapnz v7, outOfBoundsMemoryAccess
;;     v8 = load.i64 vmctx readonly v4+144
;;     v9 = iadd v8, v1
;;     v10 = load.i32 memory v9+70000
;;     return v10
;; }

(module
  (table 4 externref)
  (func $tables_too (param i32) (result externref)
    (table.get 0 (local.get 0)))
)
;; function tables_too(i32) -> i64 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = vmctx.i64
;;     v3 = load.i64 vmctx readonly v2+152
;;     v4 = load.i64 definition v3
;;     v5 = icmp uge v1, v4
;;     trapnz v5, outOfBoundsTableAccess
;;     v6 = load.i64 vmctx readonly v2+144
;;     v7 = iconst.i64 3
;;     v8 = ishl v1, v7
;;     v9 = iadd v6, v8
;;     v10 = load.i64 table v9
;;     return v10
;; }
