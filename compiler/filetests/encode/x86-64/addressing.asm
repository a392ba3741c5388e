test encode
target x86-64

mov eax, dword ptr [rcx]                    ; 8b 01
mov eax, dword ptr [rbp]                    ; 8b 45 00
mov eax, dword ptr [r13]                    ; 41 8b 45 00
mov eax, dword ptr [rsp]                    ; 8b 04 24
mov eax, dword ptr [r12]                    ; 41 8b 04 24
mov eax, dword ptr [rsp + 8]                ; 8b 44 24 08
mov eax, dword ptr [r13 + 128]              ; 41 8b 85 80 00 00 00
mov eax, dword ptr [rcx - 128]              ; 8b 41 80
mov eax, dword ptr [rcx + 127]              ; 8b 41 7f
mov rax, qword ptr [rcx + r12*8]            ; 4a 8b 04 e1
mov r9, qword ptr [r13 + rbp*2]             ; 4d 8b 4c 6d 00
mov rax, qword ptr [rbp + rax*1]            ; 48 8b 44 05 00
lea r10, [rax + rcx*4 + 305419896]          ; 4c 8d 94 88 78 56 34 12
