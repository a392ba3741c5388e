// The runner for x86-64 Linux; see contract/runner.ts for what it does.
// System calls: number in rax, arguments in rdi rsi rdx r10 r8 r9, answer in rax; rcx and r11 are lost.
// Layout of `struct ucontext`: see signal-handler.ts.

import { batchKinds, callList, callRecord, commandRecord, control, copiedWords, operations, turns, zone, zoneAddress, zoneDescriptor, zoneOwnBytes } from '../../contract/runner.ts';
import type { RunnerProgram } from '../../contract/runner-program.ts';
import { buildSignalHandler } from './signal-handler.ts';

const numbers = { mmap: 9, mprotect: 10, munmap: 11, rt_sigaction: 13, sigaltstack: 131, prctl: 157 } as const;
const rtSigreturn = 15;
const getParent = 110;
const futex = 202;
const exitGroup = 231;
const futexWake = 1;
const timedOut = -110;
const readWrite = 3;
const sharedFixed = 0x11;
const contextPc = 168;
const faultAddress = 16;

/** `syscall` is in no table of ours: compiled code has none. */
const systemCall = ['.byte 0x0f', '.byte 0x05'];
const hex = (value: number): string => `0x${value.toString(16)}`;
const field = (offset: number): string => (offset === 0 ? '[rbx]' : `[rbx + ${offset}]`);
const entry = (offset: number): string => `qword ptr [r12 + ${offset}]`;
const word = (index: number): string => `qword ptr [r12 + ${commandRecord.first + 8 * index}]`;

const lines = [
  'start:',
  `mov eax, ${numbers.mmap}`,
  `movabs rdi, ${hex(zoneAddress)}`,
  `mov esi, ${zoneOwnBytes}`,
  `mov edx, ${readWrite}`,
  `mov r10d, ${sharedFixed}`,
  `mov r8d, ${zoneDescriptor}`,
  'xor r9d, r9d',
  ...systemCall,
  'call @serve',
  // Only an answer to a host callback returns from there, and there is none.
  `mov eax, ${exitGroup}`,
  'mov edi, 2',
  ...systemCall,

  // Waits for its turn and does what it is asked, until that is to answer a host callback.
  'serve:',
  'push rbx',
  'push r12',
  'push r13',
  `movabs rbx, ${hex(zoneAddress)}`,
  'wait:',
  `mov ecx, dword ptr ${field(control.looks)}`,
  'look:',
  `mov edx, dword ptr ${field(control.turn)}`,
  `cmp edx, ${turns.runner}`,
  'je @ours',
  'sub ecx, 1',
  'jne @look',
  `mov eax, ${futex}`,
  `lea rdi, ${field(control.turn)}`,
  'xor esi, esi',
  `lea r10, ${field(control.patience)}`,
  ...systemCall,
  `cmp rax, ${timedOut}`,
  'jne @wait',
  `mov eax, ${getParent}`,
  ...systemCall,
  `cmp eax, dword ptr ${field(control.parent)}`,
  'je @wait',
  `mov eax, ${exitGroup}`,
  'xor edi, edi',
  ...systemCall,

  'ours:',
  `cmp dword ptr ${field(control.kind)}, ${batchKinds.commands}`,
  'jne @answer',
  `lea r12, ${field(zone.commands)}`,
  `mov r13d, dword ptr ${field(control.count)}`,
  'next:',
  'test r13d, r13d',
  'je @done',
  'sub r13d, 1',
  'mov eax, dword ptr [r12]',
  `cmp eax, ${operations.copy}`,
  'je @copy',
  `cmp eax, ${operations.calls}`,
  'je @calls',
  `cmp eax, ${operations.call}`,
  'je @call',
  `mov rax, ${word(0)}`,
  `mov rdi, ${word(1)}`,
  `mov rsi, ${word(2)}`,
  `mov rdx, ${word(3)}`,
  `mov r10, ${word(4)}`,
  `mov r8, ${word(5)}`,
  `mov r9, ${word(6)}`,
  ...systemCall,
  `add r12, ${commandRecord.size}`,
  // Errors are the topmost 4095 numbers.
  'cmp rax, -4096',
  'jbe @next',
  `mov qword ptr ${field(control.refused)}, rax`,
  'jmp @next',

  'copy:',
  `mov rdi, ${word(1)}`,
  `mov rsi, ${word(2)}`,
  `mov rcx, ${word(3)}`,
  'copying:',
  'mov rax, qword ptr [rsi]',
  'mov qword ptr [rdi], rax',
  'add rsi, 8',
  'add rdi, 8',
  'sub rcx, 8',
  'jne @copying',
  `add r12, ${commandRecord.size}`,
  'jmp @next',

  'call:',
  `mov rdi, ${word(1)}`,
  `mov rsi, ${word(2)}`,
  `mov rdx, ${word(3)}`,
  `call ${word(0)}`,
  `mov dword ptr ${field(control.result)}, eax`,
  'done:',
  `mov dword ptr ${field(control.turn)}, ${turns.done}`,
  'call @wake',
  'jmp @wait',

  'calls:',
  `mov r13, ${word(0)}`,
  `lea r12, [r13 + ${callList.first}]`,
  'calling:',
  'mov eax, dword ptr [r13]',
  'test eax, eax',
  'je @done',
  'sub eax, 1',
  'mov dword ptr [r13], eax',
  `mov rdi, ${entry(callRecord.code)}`,
  `mov rsi, ${entry(callRecord.vmctx)}`,
  `mov rdx, ${entry(callRecord.block)}`,
  'call qword ptr [r12]',
  `mov dword ptr [r12 + ${callRecord.result}], eax`,
  `mov rcx, ${entry(callRecord.store)}`,
  ...copiedWords.flatMap((offset) => [`mov rax, qword ptr [rcx + ${offset}]`, `mov ${entry(offset)}, rax`]),
  'xor eax, eax',
  `mov qword ptr [rcx + ${callRecord.hostTrap}], rax`,
  `add r12, ${callRecord.size}`,
  'jmp @calling',

  'answer:',
  `mov eax, dword ptr ${field(control.answer)}`,
  'pop r13',
  'pop r12',
  'pop rbx',
  'ret',

  'hostCallback:',
  'push rbx',
  `movabs rbx, ${hex(zoneAddress)}`,
  `mov qword ptr ${field(control.context)}, rdi`,
  `mov qword ptr ${field(control.block)}, rsi`,
  'movsxd rdx, edx',
  `mov qword ptr ${field(control.number)}, rdx`,
  `mov dword ptr ${field(control.turn)}, ${turns.host}`,
  'call @wake',
  'call @serve',
  'pop rbx',
  'ret',

  'wake:',
  `mov eax, ${futex}`,
  `lea rdi, ${field(control.turn)}`,
  `mov esi, ${futexWake}`,
  'mov edx, 1',
  ...systemCall,
  'ret',

  'fatal:',
  `movabs rbx, ${hex(zoneAddress)}`,
  `mov dword ptr ${field(control.faultSignal)}, edi`,
  `mov rax, qword ptr [rsi + ${faultAddress}]`,
  `mov qword ptr ${field(control.faultAddress)}, rax`,
  `mov rax, qword ptr [rdx + ${contextPc}]`,
  `mov qword ptr ${field(control.faultPc)}, rax`,
  `mov dword ptr ${field(control.turn)}, ${turns.fault}`,
  'call @wake',
  `mov eax, ${exitGroup}`,
  'mov edi, 3',
  ...systemCall,

  'restorer:',
  `mov eax, ${rtSigreturn}`,
  ...systemCall,
];

export const runner: RunnerProgram = { lines, systemCalls: numbers, signalHandler: buildSignalHandler };
