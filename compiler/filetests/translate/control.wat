;; test translate

(module
  (func $block_without_branch_is_no_block (param i32) (result i32)
    (block (result i32) (i32.add (local.get 0) (i32.const 1))))
)
;; function block_without_branch_is_no_block(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 1
;;     v2 = iadd v0, v1
;;     return v2
;; }

(module
  (func $join_takes_its_results (param i32) (result i32)
    (block (result i32)
      (br_if 0 (i32.const 1) (local.get 0))
      drop
      (i32.const 2)))
)
;; function join_takes_its_results(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 1
;;     brif v0, block2(v1), block1
;; block1:
;;     v3 = iconst.i32 2
;;     jump block2(v3)
;; block2(v2: i32):
;;     return v2
;; }

(module
  (func $if_without_else_passes_its_parameters (param i32) (result i32)
    (local.get 0)
    (if (param i32) (result i32) (local.get 0) (then (i32.const 1) i32.add)))
)
;; function if_without_else_passes_its_parameters(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     brif v0, block1, block3(v0)
;; block1:
;;     v1 = iconst.i32 1
;;     v2 = iadd v0, v1
;;     jump block3(v2)
;; block3(v3: i32):
;;     return v3
;; }

(module
  (func $both_arms_may_leave (param i32) (result i32)
    (if (local.get 0) (then (return (i32.const 1))) (else (unreachable)))
    (i32.const 3))
)
;; function both_arms_may_leave(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     brif v0, block1, block2
;; block1:
;;     v1 = iconst.i32 1
;;     return v1
;; block2:
;;     trap unreachable
;; }

(module
  (func $loop_takes_parameters (param i32) (result i32)
    (i32.const 0)
    (local.get 0)
    (loop (param i32 i32) (result i32)
      (local.set 0)
      (local.get 0)
      i32.add
      (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0))
      drop))
)
;; function loop_takes_parameters(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 0
;;     jump block1(v1, v0)
;; block1(v2: i32, v3: i32):
;;     v4 = iadd v2, v3
;;     v5 = iconst.i32 1
;;     v6 = isub v3, v5
;;     brif v6, block1(v4, v6), block2
;; block2:
;;     return v4
;; }

;; A label that stands twice gets a block on the way, where its arguments are written once; the function's label is a return.
(module
  (func $table_writes_arguments_once (param i32) (result i32)
    (block $a (result i32)
      (block $b (result i32)
        (i32.const 7)
        (br_table $a $b $a 2 $a (local.get 0)))
      (i32.const 1)
      i32.add))
)
;; function table_writes_arguments_once(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     v1 = iconst.i32 7
;;     br_table v0, [block1, block2, block1, block3], block1
;; block1:
;;     jump block4(v1)
;; block3:
;;     return v1
;; block2:
;;     v4 = iconst.i32 1
;;     v5 = iadd v1, v4
;;     jump block4(v5)
;; block4(v3: i32):
;;     return v3
;; }

(module
  (func $unreachable_code_leaves_nothing (result i32)
    (return (i32.const 1))
    (loop (br 0))
    (if (i32.const 1) (then (drop (i32.const 2))) (else (unreachable)))
    (i32.const 3))
)
;; function unreachable_code_leaves_nothing() -> i32 {
;; block0:
;;     stack_check
;;     v0 = iconst.i32 1
;;     return v0
;; }
