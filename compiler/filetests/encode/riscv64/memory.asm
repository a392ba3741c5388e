test encode
target riscv64

lw a0, 0(a1)                                ; 03 a5 05 00
ld s11, 2047(sp)                            ; 83 3d f1 7f
lbu t0, -2048(zero)                         ; 83 42 00 80
sd ra, 8(sp)                                ; 23 34 11 00
sb zero, -1(a1)                             ; a3 8f 05 fe
fsw fa0, 2047(t6)                           ; a7 af af 7e
fld ft11, -2048(s0)                         ; 87 3f 04 80
