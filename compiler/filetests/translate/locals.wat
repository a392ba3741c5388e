;; test translate

(module
  (func $locals_begin_as_zero (result f64)
    (local f64)
    (local.get 0))
)
;; function locals_begin_as_zero() -> f64 {
;; block0:
;;     stack_check
;;     v0 = fconst.f64 0x0
;;     return v0
;; }

(module
  (func $values_meet_at_the_join (param i32) (result i32)
    (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 2))))
    (local.get 1))
)
;; function values_meet_at_the_join(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     brif v0, block1, block2
;; block1:
;;     v1 = iconst.i32 1
;;     jump block3(v1)
;; block2:
;;     v2 = iconst.i32 2
;;     jump block3(v2)
;; block3(v3: i32):
;;     return v3
;; }

(module
  (func $unread_locals_do_not_meet (param i32) (result i32)
    (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 2))))
    (local.get 0))
)
;; function unread_locals_do_not_meet(i32) -> i32 {
;; block0(v0: i32):
;;     stack_check
;;     brif v0, block1, block2
;; block1:
;;     v1 = iconst.i32 1
;;     jump block3
;; block2:
;;     v2 = iconst.i32 2
;;     jump block3
;; block3:
;;     return v0
;; }

(module
  (func $loop_carries_only_what_it_changes (param i32 i32) (result i32)
    (local $sum i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (local.get 1)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum))
)
;; function loop_carries_only_what_it_changes(i32, i32) -> i32 {
;; block0(v0: i32, v1: i32):
;;     stack_check
;;     v8 = iconst.i32 0
;;     jump block1(v8, v0)
;; block1(v2: i32, v5: i32):
;;     v4 = iadd v2, v1
;;     v6 = iconst.i32 1
;;     v7 = isub v5, v6
;;     brif v7, block1(v4, v7), block2
;; block2:
;;     return v4
;; }

(module
  (func $inner_loop_leaves_outer_locals_alone (param i32 i32) (result i32)
    (loop $outer
      (loop $inner
        (br_if $inner (local.tee 1 (i32.sub (local.get 1) (local.get 0)))))
      (br_if $outer (local.get 1)))
    (local.get 0))
)
;; function inner_loop_leaves_outer_locals_alone(i32, i32) -> i32 {
;; block0(v0: i32, v1: i32):
;;     stack_check
;;     jump block1(v1)
;; block1(v6: i32):
;;     jump block2(v6)
;; block2(v2: i32):
;;     v4 = isub v2, v0
;;     brif v4, block2(v4), block3
;; block3:
;;     brif v4, block1(v4), block4
;; block4:
;;     return v0
;; }
