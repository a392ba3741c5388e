test encode
target riscv64

addi a0, a1, 2047                           ; 13 85 f5 7f
addi a0, a1, -2048                          ; 13 85 05 80
sltiu a0, a1, -1                            ; 13 b5 f5 ff
lui a0, 0                                   ; 37 05 00 00
lui a0, 1048575                             ; 37 f5 ff ff
auipc t6, 524288                            ; 97 0f 00 80
slli a0, a1, 63                             ; 13 95 f5 03
slliw a0, a1, 31                            ; 1b 95 f5 01
srai a0, a1, 32                             ; 13 d5 05 42
