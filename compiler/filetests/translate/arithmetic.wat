;; test translate

(module
  (func $checks_divisor_and_overflow (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
)
;; function checks_divisor_and_overflow(i32, i32) -> i32 {
;; block0(v0: i32, v1: i32):
;;     stack_check
;;     trapz v1, integerDivideByZero
;;     v2 = iconst.i32 -2147483648
;;     v3 = iconst.i32 -1
;;     v4 = icmp eq v0, v2
;;     v5 = icmp eq v1, v3
;;     v6 = band v4, v5
;;     trapnz v6, integerOverflow
;;     v7 = sdiv v0, v1
;;     return v7
;; }

(module
  (func $unsigned_quotient_cannot_overflow (param i64 i64) (result i64)
    (i64.div_u (local.get 0) (local.get 1)))
)
;; function unsigned_quotient_cannot_overflow(i64, i64) -> i64 {
;; block0(v0: i64, v1: i64):
;;     stack_check
;;     trapz v1, integerDivideByZero
;;     v2 = udiv v0, v1
;;     return v2
;; }

(module
  (func $signed_remainder_cannot_overflow (param i32 i32) (result i32)
    (i32.rem_s (local.get 0) (local.get 1)))
)
;; function signed_remainder_cannot_overflow(i32, i32) -> i32 {
;; block0(v0: i32, v1: i32):
;;     stack_check
;;     trapz v1, integerDivideByZero
;;     v2 = srem v0, v1
;;     return v2
;; }

(module
  (func $extends_from_the_narrow_type (param i64) (result i64)
    (i64.extend32_s (local.get 0)))
)
;; function extends_from_the_narrow_type(i64) -> i64 {
;; block0(v0: i64):
;;     stack_check
;;     v1 = ireduce.i32 v0
;;     v2 = sextend.i64 v1
;;     return v2
;; }
