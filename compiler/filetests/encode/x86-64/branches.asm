test encode
target x86-64

jmp 0x2                                     ; eb 00
jmp 0x81                                    ; eb 7f
jmp 0x86                                    ; e9 81 00 00 00
jne 0x2                                     ; 75 00
jne 0x1000                                  ; 0f 85 fa 0f 00 00
