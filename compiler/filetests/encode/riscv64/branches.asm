test encode
target riscv64

beq a0, a1, 0x0                             ; 63 00 b5 00
bne a0, zero, 0xffc                         ; e3 1e 05 7e
blt zero, t6, -0x1000                       ; 63 40 f0 81
bgeu s11, a0, 0x800                         ; e3 f0 ad 00
jal ra, 0xffffc                             ; ef f0 df 7f
jal zero, -0x100000                         ; 6f 00 00 80
jal zero, 0x1000                            ; 6f 10 00 00
jalr ra, 0(t5)                              ; e7 00 0f 00
jalr zero, -2048(ra)                        ; 67 80 00 80
ecall                                       ; 73 00 00 00
