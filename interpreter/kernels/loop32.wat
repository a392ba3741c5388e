;; 32-bit arithmetic in one loop, with a store.
(module
  (memory 1)
  (func (export "run") (result i32)
    (local $n i32) (local $a i32)
    (local.set $n (i32.const 2000000))
    (loop $round
      (local.set $a (i32.rotl (i32.xor (i32.add (local.get $a) (local.get $n)) (i32.const 0x9e3779b9)) (i32.const 5)))
      (i32.store (i32.and (local.get $a) (i32.const 0xfffc)) (local.get $a))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a)))
