;; Values that are narrow in memory or by extension and wide in use: sign and zero extension, wrapping, conversions of both halves.
(module
  (memory 1 1)
  (func (export "extend") (param i32) (result i32 i32 i64 i64)
    (i32.extend8_s (local.get 0)) (i32.extend16_s (local.get 0)) (i64.extend_i32_s (i32.extend8_s (local.get 0))) (i64.extend_i32_u (i32.extend16_s (local.get 0))))
  (func (export "wrap") (param i64) (result i32 i64 i64)
    (i32.wrap_i64 (i64.mul (local.get 0) (i64.const 0x100000001))) (i64.extend32_s (local.get 0)) (i64.extend_i32_u (i32.wrap_i64 (i64.shr_s (local.get 0) (i64.const 31)))))
  (func (export "memory") (param i64) (result i64 i64 i32)
    (i64.store16 (i32.const 8) (local.get 0)) (i64.store8 (i32.const 10) (local.get 0))
    (i64.load16_s (i32.const 8)) (i64.load32_u (i32.const 8)) (i32.load8_s (i32.const 10)))
  (func (export "convert") (param i32 i64) (result f32 f64 f32 f64)
    (f32.convert_i32_u (local.get 0)) (f64.convert_i32_s (local.get 0)) (f32.convert_i64_u (local.get 1)) (f64.convert_i64_u (local.get 1)))
  (func (export "saturate") (param f32 f64) (result i32 i32 i64 i64)
    (i32.trunc_sat_f32_s (local.get 0)) (i32.trunc_sat_f64_u (local.get 1)) (i64.trunc_sat_f32_u (local.get 0)) (i64.trunc_sat_f64_s (local.get 1))))
