;; Double arithmetic in one loop.
(module
  (func (export "run") (result i32)
    (local $n i32) (local $x f64) (local $y f64)
    (local.set $n (i32.const 2000000))
    (local.set $x (f64.const 0.5))
    (loop $round
      (local.set $y (f64.add (local.get $y) (f64.sqrt (f64.abs (f64.mul (local.get $x) (f64.const 1.5))))))
      (local.set $x (f64.sub (f64.const 3.9) (f64.div (local.get $x) (f64.add (local.get $y) (f64.const 1)))))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.trunc_sat_f64_s (local.get $y))))
