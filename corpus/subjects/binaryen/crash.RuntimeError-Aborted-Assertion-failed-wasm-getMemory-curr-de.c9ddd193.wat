;; subject: binaryen
;; version: 132.0.0
;; difference: crash
;; message: RuntimeError: Aborted(Assertion failed: wasm.getMemory(curr->destMemory)->addressType == wasm.getMemory(curr->sourceMemory)->addressType, at: child-typer.h,N,vi
;; culprits: memory.copy
;; instructions: 4
;; rounds: 1
;; detail: 0 calls: 0 gave values, 0 did not against crashed: RuntimeError: Aborted(Assertion failed: wasm.getMemory(curr->destMemory)->addressType == wasm.getMemory(curr->sourceMemory)->addressType, at: child-typer.h,294,visitMemoryCopy). Build with -sASSERTIONS for more info.
(module
  (type (;0;) (func))
  (table (;0;) i64 3 funcref)
  (memory (;0;) 2)
  (memory (;1;) i64 1)
  (func (;0;) (type 0)
    i32.const 0
    i64.const 0
    i32.const 0
    memory.copy 0 1
  )
)
