// The signal handler's machine code (temporary home; see below).
import { storeContext } from '../../contract/vmctx.ts';
import { assemble, hex } from './assemble.ts';

export function buildSignalHandler({ ranges, previous }: { ranges: number; previous: number }): Uint8Array {
  return assemble([
    'mov rax, qword ptr [rdx + 168]',
    `movabs r8, ${hex(ranges)}`,
    'mov rcx, qword ptr [r8]',
    'add r8, 8',
    'loop:',
    'test rcx, rcx',
    'je @previous',
    'cmp rax, qword ptr [r8]',
    'jb @next',
    'cmp rax, qword ptr [r8 + 8]',
    'jb @found',
    'next:',
    'add r8, 24',
    'sub rcx, 1',
    'jmp @loop',
    'found:',
    'mov r15, qword ptr [rdx + 96]',
    'mov r9, qword ptr [r15 + 8]',
    `mov qword ptr [r9 + ${storeContext.trapPc}], rax`,
    'mov rax, qword ptr [rsi + 16]',
    `mov qword ptr [r9 + ${storeContext.trapAddress}], rax`,
    `mov qword ptr [r9 + ${storeContext.trapSignal}], rdi`,
    'jmp qword ptr [r8 + 16]',
    'previous:',
    `movabs rax, ${hex(previous)}`,
    'jmp rax',
  ]).code;
}
