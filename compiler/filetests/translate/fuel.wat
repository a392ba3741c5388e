;; test translate
;; bounds guard
;; fuel on
(module
  (memory 1)

  ;; What nobody sees from outside is paid together with what comes next that somebody may see.
  (func $pays_before_it_stores (param i32)
    (i32.store (i32.add (local.get 0) (i32.const 4)) (i32.const 7)))

  ;; The header pays nothing of what came before it; the branch pays for its round.
  (func $pays_by_the_round (param i32)
    (loop
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))

  ;; The end is executed by whoever branches to it, and not by return.
  (func $ends_or_returns (param i32)
    (br_if 0 (local.get 0))
    (return))
)
;; function pays_before_it_stores(i32) {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 4
;;     v2 = iadd v0, v1
;;     v3 = iconst.i32 7
;;     v4 = vmctx.i64
;;     v5 = load.i64 vmctx readonly v4+8
;;     v6 = load.i64 fuel v5+88
;;     v7 = iconst.i64 5
;;     v8 = isub v6, v7
;;     store fuel v8, v5+88
;;     v9 = iconst.i64 0
;;     v10 = icmp slt v8, v9
;;     trapnz v10, outOfFuel
;;     v11 = uextend.i64 v2
;;     v12 = load.i64 vmctx readonly v4+144
;;     v13 = iadd v12, v11
;;     store memory trap=outOfBoundsMemoryAccess v3, v13
;;     v14 = load.i64 fuel v5+88
;;     v15 = iconst.i64 1
;;     v16 = isub v14, v15
;;     store fuel v16, v5+88
;;     v17 = iconst.i64 0
;;     v18 = icmp slt v16, v17
;;     trapnz v18, outOfFuel
;;     return
;; }
;;
;; function pays_by_the_round(i32) {
;; block0(v0: i32):
;;     stack_check
;;     jump block1(v0)
;; block1(v1: i32):
;;     v2 = iconst.i32 1
;;     v3 = isub v1, v2
;;     v4 = vmctx.i64
;;     v5 = load.i64 vmctx readonly v4+8
;;     v6 = load.i64 fuel v5+88
;;     v7 = iconst.i64 5
;;     v8 = isub v6, v7
;;     store fuel v8, v5+88
;;     v9 = iconst.i64 0
;;     v10 = icmp slt v8, v9
;;     trapnz v10, outOfFuel
;;     brif v3, block1(v3), block2
;; block2:
;;     v11 = vmctx.i64
;;     v12 = load.i64 vmctx readonly v11+8
;;     v13 = load.i64 fuel v12+88
;;     v14 = iconst.i64 1
;;     v15 = isub v13, v14
;;     store fuel v15, v12+88
;;     v16 = iconst.i64 0
;;     v17 = icmp slt v15, v16
;;     trapnz v17, outOfFuel
;;     return
;; }
;;
;; function ends_or_returns(i32) {
;; block0(v0: i32):
;;     stack_check
;;     v1 = vmctx.i64
;;     v2 = load.i64 vmctx readonly v1+8
;;     v3 = load.i64 fuel v2+88
;;     v4 = iconst.i64 2
;;     v5 = isub v3, v4
;;     store fuel v5, v2+88
;;     v6 = iconst.i64 0
;;     v7 = icmp slt v5, v6
;;     trapnz v7, outOfFuel
;;     brif v0, block2, block1
;; block2:
;;     v8 = vmctx.i64
;;     v9 = load.i64 vmctx readonly v8+8
;;     v10 = load.i64 fuel v9+88
;;     v11 = iconst.i64 1
;;     v12 = isub v10, v11
;;     store fuel v12, v9+88
;;     v13 = iconst.i64 0
;;     v14 = icmp slt v12, v13
;;     trapnz v14, outOfFuel
;;     return
;; block1:
;;     v15 = vmctx.i64
;;     v16 = load.i64 vmctx readonly v15+8
;;     v17 = load.i64 fuel v16+88
;;     v18 = iconst.i64 1
;;     v19 = isub v17, v18
;;     store fuel v19, v16+88
;;     v20 = iconst.i64 0
;;     v21 = icmp slt v19, v20
;;     trapnz v21, outOfFuel
;;     return
;; }
