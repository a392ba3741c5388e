test encode
target aarch64

add sp, x29, #16                            ; bf 43 00 91
sub x0, sp, #1, lsl #12                     ; e0 07 40 d1
and x0, x1, #0xff00ff00ff00ff00             ; 20 9c 08 92
and w0, w1, #0x80000001                     ; 20 04 01 12
orr x0, xzr, #0xfffffffffffffffe            ; e0 fb 7f b2
tst x5, #0x8000000000000000                 ; bf 00 41 f2
movz x0, #65535, lsl #48                    ; e0 ff ff d2
movn w1, #0, lsl #0                         ; 01 00 80 12
movk x2, #4660, lsl #16                     ; 82 46 a2 f2
fmov d0, #-0.125                            ; 00 10 78 1e
fmov s0, #31                                ; 00 f0 27 1e
lsl w0, w1, #31                             ; 20 00 01 53
lsl x0, x1, #1                              ; 20 f8 7f d3
ror x0, x1, #63                             ; 20 fc c1 93
ubfx x0, x1, #7, #30                        ; 20 90 47 d3
sbfiz w0, w1, #4, #28                       ; 20 6c 1c 13
ushr d0, d1, #63                            ; 20 04 41 7f
sli v0.2s, v1.2s, #31                       ; 20 54 3f 2f
