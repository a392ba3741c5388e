;; subject: binaryen
;; version: 132.0.0
;; difference: validity
;; message: label index out of bounds (at N:N)
;; culprits: elements
;; instructions: 7
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against invalid: label index out of bounds (at 0:57)
(module
  (type (;0;) (func))
  (type (;1;) (func (result f64)))
  (type (;2;) (func (result i64 i32)))
  (type (;3;) (func))
  (type (;4;) (func (result i64)))
  (type (;5;) (func (result i32)))
  (elem (;0;) declare (ref null 1))
  (func (;0;) (type 0))
  (func (;1;) (type 1) (result f64)
    f64.const 0x0p+0 (;=0;)
  )
  (func (;2;) (type 2) (result i64 i32)
    (local i32 i32 i32 i32 i64 i64 i64 f32 f32 f32 f32 f32 f64 f64 f64 f64 f64 funcref funcref funcref funcref funcref externref externref (ref null 0) (ref null 0) (ref null 0) (ref null 0) (ref null 0) (ref null 1) (ref null 1) (ref null 1) (ref 0))
    i64.const 0
    i32.const 0
  )
  (func (;3;) (type 0))
  (func (;4;) (type 3))
  (func (;5;) (type 4) (result i64)
    i64.const 0
  )
  (func (;6;) (type 5) (result i32)
    i32.const 0
  )
  (func (;7;) (type 5) (result i32)
    i32.const 0
  )
  (func (;8;) (type 4) (result i64)
    i64.const 0
  )
)
