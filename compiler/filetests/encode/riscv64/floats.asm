test encode
target riscv64

fadd.s fa0, fa1, ft11, rne                  ; 53 85 f5 01
fdiv.d ft0, fs11, fa7, rne                  ; 53 80 1d 1b
fsgnjn.d fa0, fa1, fa2                      ; 53 95 c5 22
fcvt.w.d a0, fa0, rtz                       ; 53 15 05 c2
fcvt.lu.s a0, fa0, rup                      ; 53 35 35 c0
fcvt.d.wu fa0, a0                           ; 53 05 15 d2
fcvt.d.l fa0, a0, rne                       ; 53 05 25 d2
fcvt.s.d fa0, fa1, rne                      ; 53 85 15 40
fmv.x.d a0, fa0                             ; 53 05 05 e2
fle.s a0, fa0, fa1                          ; 53 05 b5 a0
