;; test translate

;; -2^31 - 1 is a double: everything above it rounds to -2^31.
(module
  (func $checks_double_to_i32 (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0)))
)
;; function checks_double_to_i32(f64) -> i32 {
;; block0(v0: f64):
;;     stack_check
;;     v1 = fcmp ne v0, v0
;;     trapnz v1, invalidConversionToInteger
;;     v2 = fconst.f64 0xc1e0000000200000
;;     v3 = fcmp gt v0, v2
;;     trapz v3, integerOverflow
;;     v4 = fconst.f64 0x41e0000000000000
;;     v5 = fcmp lt v0, v4
;;     trapz v5, integerOverflow
;;     v6 = fcvt_to_sint.i32 v0
;;     return v6
;; }

;; No float lies between -2^31 - 1 and -2^31.
(module
  (func $checks_float_to_i32 (param f32) (result i32)
    (i32.trunc_f32_s (local.get 0)))
)
;; function checks_float_to_i32(f32) -> i32 {
;; block0(v0: f32):
;;     stack_check
;;     v1 = fcmp ne v0, v0
;;     trapnz v1, invalidConversionToInteger
;;     v2 = fconst.f32 0xcf000000
;;     v3 = fcmp ge v0, v2
;;     trapz v3, integerOverflow
;;     v4 = fconst.f32 0x4f000000
;;     v5 = fcmp lt v0, v4
;;     trapz v5, integerOverflow
;;     v6 = fcvt_to_sint.i32 v0
;;     return v6
;; }

(module
  (func $checks_double_to_unsigned_i64 (param f64) (result i64)
    (i64.trunc_f64_u (local.get 0)))
)
;; function checks_double_to_unsigned_i64(f64) -> i64 {
;; block0(v0: f64):
;;     stack_check
;;     v1 = fcmp ne v0, v0
;;     trapnz v1, invalidConversionToInteger
;;     v2 = fconst.f64 0xbff0000000000000
;;     v3 = fcmp gt v0, v2
;;     trapz v3, integerOverflow
;;     v4 = fconst.f64 0x43f0000000000000
;;     v5 = fcmp lt v0, v4
;;     trapz v5, integerOverflow
;;     v6 = fcvt_to_uint.i64 v0
;;     return v6
;; }

(module
  (func $saturating_needs_no_check (param f64) (result i32)
    (i32.trunc_sat_f64_u (local.get 0)))
)
;; function saturating_needs_no_check(f64) -> i32 {
;; block0(v0: f64):
;;     stack_check
;;     v1 = fcvt_to_uint_sat.i32 v0
;;     return v1
;; }
