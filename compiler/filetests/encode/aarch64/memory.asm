test encode
target aarch64

ldr x0, [x1]                                ; 20 00 40 f9
ldr x0, [x1, #32760]                        ; 20 fc 7f f9
ldr x0, [x1, #-8]                           ; 20 80 5f f8
ldr x0, [x1, #255]                          ; 20 f0 4f f8
ldr w0, [sp, x2, lsl #2]                    ; e0 7b 62 b8
ldr d0, [x1, w2, uxtw #3]                   ; 20 58 62 fc
strb wzr, [x3, w4, uxtw]                    ; 7f 48 24 38
ldr d1, 0x100                               ; 01 08 00 5c
ldrsw x16, [x17, #4]                        ; 30 06 80 b9
stp x29, x30, [sp, #-16]!                   ; fd 7b bf a9
ldp d8, d9, [x29, #-96]                     ; a8 27 7a 6d
ldp x29, x30, [sp], #16                     ; fd 7b c1 a8
