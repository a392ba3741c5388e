;; test translate

(module
  (table 4 funcref)
  (func $get_and_set_check_the_index (param i32)
    (table.set 0 (local.get 0) (table.get 0 (i32.const 1))))
)
;; function get_and_set_check_the_index(i32) {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 1
;;     v2 = uextend.i64 v1
;;     v3 = vmctx.i64
;;     v4 = load.i64 vmctx readonly v3+152
;;     v5 = load.i64 definition v4
;;     v6 = icmp uge v2, v5
;;     trapnz v6, outOfBoundsTableAccess
;;     v7 = load.i64 vmctx readonly v3+144
;;     v8 = iconst.i64 3
;;     v9 = ishl v2, v8
;;     v10 = iadd v7, v9
;;     v11 = iconst.i64 0
;;     v12 = select_guard v6, v11, v10
;;     v13 = load.i64 table v12
;;     v14 = uextend.i64 v0
;;     v15 = load.i64 definition v4
;;     v16 = icmp uge v14, v15
;;     trapnz v16, outOfBoundsTableAccess
;;     v17 = iconst.i64 3
;;     v18 = ishl v14, v17
;;     v19 = iadd v7, v18
;;     v20 = iconst.i64 0
;;     v21 = select_guard v16, v20, v19
;;     store table v13, v21
;;     return
;; }

(module
  (table 4 externref)
  (func $size_and_grow (param externref) (result i32)
    (i32.add (table.size 0) (table.grow 0 (local.get 0) (i32.const 2))))
)
;; function size_and_grow(i64) -> i32 {
;; block0(v0: i64):
;;     stack_check
;;     v1 = vmctx.i64
;;     v2 = load.i64 vmctx readonly v1+152
;;     v3 = load.i64 definition v2
;;     v4 = ireduce.i32 v3
;;     v5 = iconst.i32 2
;;     v6 = iconst.i32 0
;;     v7 = libcall tableGrow(v6, v0, v5)
;;     v8 = iadd v4, v7
;;     return v8
;; }

(module
  (elem declare func $references_are_addresses)
  (func $references_are_addresses (result i32)
    (i32.or (ref.is_null (ref.func $references_are_addresses)) (ref.is_null (ref.null extern))))
)
;; function references_are_addresses() -> i32 {
;; block0:
;;     stack_check
;;     v0 = vmctx.i64
;;     v1 = load.i64 vmctx readonly v0+144
;;     v2 = iconst.i64 0
;;     v3 = icmp eq v1, v2
;;     v4 = iconst.i64 0
;;     v5 = iconst.i64 0
;;     v6 = icmp eq v4, v5
;;     v7 = bor v3, v6
;;     return v7
;; }
