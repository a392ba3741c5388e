test encode
target x86-64

add eax, 127                                ; 83 c0 7f
add eax, 128                                ; 81 c0 80 00 00 00
add eax, -128                               ; 83 c0 80
add rax, -129                               ; 48 81 c0 7f ff ff ff
cmp dword ptr [rdi], 1000                   ; 81 3f e8 03 00 00
imul eax, ecx, 7                            ; 6b c1 07
imul rax, rcx, 700                          ; 48 69 c1 bc 02 00 00
mov eax, -1                                 ; b8 ff ff ff ff
mov rax, -1                                 ; 48 c7 c0 ff ff ff ff
movabs rax, 0x123456789abcdef0              ; 48 b8 f0 de bc 9a 78 56 34 12
mov word ptr [rcx], 513                     ; 66 c7 01 01 02
