;; Shifts and rotations by 0, 1, width - 1, width, width + 1 and by a variable, in both widths.
(module
  (func (export "by-constant") (param i32) (result i32)
    (i32.add (i32.shl (local.get 0) (i32.const 32)) (i32.add (i32.shr_s (local.get 0) (i32.const 31)) (i32.add (i32.shr_u (local.get 0) (i32.const 33))
      (i32.add (i32.rotl (local.get 0) (i32.const 0)) (i32.rotr (local.get 0) (i32.const 31)))))))
  (func (export "by-constant-wide") (param i64) (result i64)
    (i64.add (i64.shl (local.get 0) (i64.const 64)) (i64.add (i64.shr_s (local.get 0) (i64.const 63)) (i64.add (i64.shr_u (local.get 0) (i64.const 65))
      (i64.add (i64.rotl (local.get 0) (i64.const 32)) (i64.rotr (local.get 0) (i64.const 1)))))))
  (func (export "by-variable") (param i32 i32) (result i32 i32 i32 i32 i32)
    (i32.shl (local.get 0) (local.get 1)) (i32.shr_s (local.get 0) (local.get 1)) (i32.shr_u (local.get 0) (local.get 1)) (i32.rotl (local.get 0) (local.get 1)) (i32.rotr (local.get 0) (local.get 1)))
  (func (export "of-itself") (param i64) (result i64 i64)
    (i64.shl (local.get 0) (local.get 0)) (i64.rotr (local.get 0) (local.get 0))))
