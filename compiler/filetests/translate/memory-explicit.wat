;; test translate
;; bounds explicit

;; The end of the access, not its start, is compared; and the address is masked.
(module
  (memory 1)
  (func $compares_end_with_length (param i32) (result i64)
    (i64.load offset=16 (local.get 0)))
)
;; function compares_end_with_length(i32) -> i64 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = iconst.i64 24
;;     v3 = iadd v1, v2
;;     v4 = vmctx.i64
;;     v5 = load.i64 vmctx readonly v4+152
;;     v6 = load.i64 definition v5
;;     v7 = icmp ugt v3, v6
;;     trapnz v7, outOfBoundsMemoryAccess
;;     v8 = load.i64 vmctx readonly v4+144
;;     v9 = iadd v8, v1
;;     v10 = iconst.i64 0
;;     v11 = select_guard v7, v10, v9
;;     v12 = load.i64 memory v11+16
;;     return v12
;; }

;; An offset that could reach mapped memory from address 0 is added before the mask.
(module
  (memory 1)
  (func $masks_behind_large_offsets (param i32 i32)
    (i32.store8 offset=4096 (local.get 0) (local.get 1)))
)
;; function masks_behind_large_offsets(i32, i32) {
;; block0(v0: i32, v1: i32):
;;     stack_check
;;     v2 = uextend.i64 v0
;;     v3 = iconst.i64 4097
;;     v4 = iadd v2, v3
;;     v5 = vmctx.i64
;;     v6 = load.i64 vmctx readonly v5+152
;;     v7 = load.i64 definition v6
;;     v8 = icmp ugt v4, v7
;;     trapnz v8, outOfBoundsMemoryAccess
;;     v9 = load.i64 vmctx readonly v5+144
;;     v10 = iadd v9, v2
;;     v11 = iconst.i64 4096
;;     v12 = iadd v10, v11
;;     v13 = iconst.i64 0
;;     v14 = select_guard v8, v13, v12
;;     store8 memory v1, v14
;;     return
;; }

;; The length may change between two accesses, the base may not.
(module
  (memory 1)
  (func $loads_base_once_and_length_again (param i32) (result i32)
    (i32.add (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))
)
;; function loads_base_once_and_length_again(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = uextend.i64 v0
;;     v2 = iconst.i64 4
;;     v3 = iadd v1, v2
;;     v4 = vmctx.i64
;;     v5 = load.i64 vmctx readonly v4+152
;;     v6 = load.i64 definition v5
;;     v7 = icmp ugt v3, v6
;;     trapnz v7, outOfBoundsMemoryAccess
;;     v8 = load.i64 vmctx readonly v4+144
;;     v9 = iadd v8, v1
;;     v10 = iconst.i64 0
;;     v11 = select_guard v7, v10, v9
;;     v12 = load.i32 memory v11
;;     v13 = uextend.i64 v0
;;     v14 = iconst.i64 8
;;     v15 = iadd v13, v14
;;     v16 = load.i64 definition v5
;;     v17 = icmp ugt v15, v16
;;     trapnz v17, outOfBoundsMemoryAccess
;;     v18 = iadd v8, v13
;;     v19 = iconst.i64 0
;;     v20 = select_guard v17, v19, v18
;;     v21 = load.i32 memory v20+4
;;     v22 = iadd v12, v21
;;     return v22
;; }
