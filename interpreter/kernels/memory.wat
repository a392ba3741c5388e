;; Loads and stores of several widths: the sieve of Eratosthenes, then sums over its bytes.
(module
  (memory 32)
  (func (export "run") (result i32)
    (local $i i32) (local $j i32) (local $count i32)
    (local.set $i (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (i32.const 1000000)))
        (if (i32.eqz (i32.load8_u (local.get $i)))
          (then
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (local.set $j (i32.shl (local.get $i) (i32.const 1)))
            (block $marked
              (loop $mark
                (br_if $marked (i32.ge_u (local.get $j) (i32.const 1000000)))
                (i32.store8 (local.get $j) (i32.const 1))
                (local.set $j (i32.add (local.get $j) (local.get $i)))
                (br $mark)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.set $i (i32.const 0))
    (loop $sum
      (i32.store offset=1048576 (local.get $i) (i32.add (i32.load16_u (local.get $i)) (i32.load offset=4 (local.get $i))))
      (local.set $count (i32.add (local.get $count) (i32.load offset=1048576 (local.get $i))))
      (br_if $sum (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 1000000))))
    (local.get $count)))
