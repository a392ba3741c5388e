;; subject: wabt
;; version: 1.0.39
;; difference: validity
;; message: type mismatch in try table, expected […] but got […]
;; culprits: block br ref.func ref.null try_table
;; instructions: 7
;; rounds: 1
;; detail: [] against invalid: type mismatch in try table, expected [funcref] but got [(ref 0)]
(module
  (type (;0;) (func))
  (export "m0" (func 2))
  (elem (;0;) declare func 0)
  (func (;0;) (type 0))
  (func (;1;) (type 0)
    block (result funcref) ;; label = @1
      block ;; label = @2
        try_table (result funcref) (catch_all 0 (;@2;)) ;; label = @3
          ref.func 0
        end
        br 1 (;@1;)
      end
      ref.null func
    end
    drop
  )
  (func (;2;) (type 0))
)
