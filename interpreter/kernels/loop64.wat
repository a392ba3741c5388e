;; 64-bit arithmetic in one loop, with a store.
(module
  (memory 1)
  (func (export "run") (result i32)
    (local $n i32) (local $a i64)
    (local.set $n (i32.const 2000000))
    (loop $round
      (local.set $a (i64.xor
        (i64.add (i64.mul (local.get $a) (i64.const 6364136223846793005)) (i64.const 1442695040888963407))
        (i64.shr_u (local.get $a) (i64.const 29))))
      (i64.store (i32.and (i32.wrap_i64 (local.get $a)) (i32.const 0xfff8)) (local.get $a))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.wrap_i64 (local.get $a))))
