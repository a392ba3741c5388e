;; An explicit trap stands in line, and the instruction behind it faults by itself: the trap's return address is that instruction's place.
;; The trap table once told them apart by that address alone, so the load's fault was reported as the division's.
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (if (i32.eqz (local.get 0)) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    (i32.load offset=65536 (i32.const 0))))
