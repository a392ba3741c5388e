;; Comparisons whose result both steers and is kept; selects of loaded values; floats that compare unordered.
(module
  (memory 1 1)
  (func (export "both") (param i32 i32) (result i32)
    (local $c i32)
    (local.set $c (i32.lt_u (local.get 0) (local.get 1)))
    (if (result i32) (local.get $c) (then (i32.add (local.get $c) (i32.const 10))) (else (i32.sub (local.get $c) (i32.const 10)))))
  (func (export "select-load") (param i32 f64) (result f64)
    (select (f64.load (i32.const 65528)) (local.get 1) (local.get 0)))
  (func (export "float") (param f64 f64) (result i32)
    (local $c i32)
    (i32.add (select (i32.const 100) (i32.const 200) (local.tee $c (f64.lt (local.get 0) (local.get 1))))
      (i32.add (local.get $c) (i32.shl (i32.or (f64.ge (local.get 0) (local.get 1)) (i32.shl (f64.ne (local.get 0) (local.get 1)) (i32.const 1))) (i32.const 4)))))
  (func (export "eqz-chain") (param i64) (result i32) (i32.eqz (i32.eqz (i64.eqz (local.get 0))))))
