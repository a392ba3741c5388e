test encode
target aarch64

b 0x7fffffc                                 ; ff ff ff 15
b -0x8000000                                ; 00 00 00 16
b.lo 0xffffc                                ; e3 ff 7f 54
cbnz x3, -0x100000                          ; 03 00 80 b5
tbz w3, #31, 0x7ffc                         ; e3 ff fb 36
tbnz x3, #32, -0x8000                       ; 03 00 04 b7
adr x16, 0x3                                ; 10 00 00 70
adrp x0, 0x1000                             ; 00 00 00 b0
bl 0x4                                      ; 01 00 00 94
br x17                                      ; 20 02 1f d6
blr x8                                      ; 00 01 3f d6
