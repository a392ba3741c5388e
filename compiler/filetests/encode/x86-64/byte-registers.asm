test encode
target x86-64

mov byte ptr [rax], bl                      ; 88 18
mov byte ptr [rax], sil                     ; 40 88 30
mov byte ptr [rax], dil                     ; 40 88 38
mov byte ptr [rax], r8b                     ; 44 88 00
movzx eax, cl                               ; 0f b6 c1
movzx eax, dil                              ; 40 0f b6 c7
movsx r9, sil                               ; 4c 0f be ce
sete al                                     ; 0f 94 c0
sete sil                                    ; 40 0f 94 c6
sete r15b                                   ; 41 0f 94 c7
