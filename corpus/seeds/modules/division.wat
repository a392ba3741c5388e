;; Divisions and remainders by variables and constants; the one quotient that does not fit, and the remainder beside it that is 0.
(module
  (func (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem_s") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "div_s64") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "rem_s64") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func (export "div_u64") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func (export "constants") (param i32) (result i32 i32 i32 i32 i32)
    (i32.div_s (local.get 0) (i32.const 8)) (i32.div_s (local.get 0) (i32.const -7)) (i32.rem_s (local.get 0) (i32.const 16)) (i32.div_u (local.get 0) (i32.const 10)) (i32.rem_u (local.get 0) (i32.const 0x80000000)))
  (func (export "smallest-over-minus-one") (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))
  (func (export "smallest-rem-minus-one") (result i64) (i64.rem_s (i64.const 0x8000000000000000) (i64.const -1))))
