;; Calls, direct and through a table: two of each per round, callee of four instructions.
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table funcref (elem $add $xor))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $xor (type $binary) (i32.xor (local.get 0) (local.get 1)))
  (func (export "run") (result i32)
    (local $n i32) (local $sum i32)
    (local.set $n (i32.const 1500000))
    (loop $round
      (local.set $sum (call_indirect (type $binary) (local.get $sum) (local.get $n) (i32.and (local.get $n) (i32.const 1))))
      (local.set $sum (call $add (local.get $sum) (i32.const 3)))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
