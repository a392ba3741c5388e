// The runner for RISC-V Linux; see contract/runner.ts for what it does.
// System calls: number in a7, arguments in a0–a5, answer in a0; everything else is kept.
// Layout of `struct ucontext`: see signal-handler.ts.

import { bug } from '../../base/errors.ts';
import { callList, callRecord, commandRecord, control, copiedWords, operations, turns, zone, zoneAddress, zoneDescriptor, zoneOwnBytes } from '../../contract/runner.ts';
import type { RunnerProgram } from '../../contract/runner-program.ts';
import { buildSignalHandler } from './signal-handler.ts';

const numbers = { sigaltstack: 132, rt_sigaction: 134, prctl: 167, munmap: 215, mmap: 222, mprotect: 226 } as const;
const exitGroup = 94;
const futex = 98;
const getParent = 173;
const futexWake = 1;
const timedOut = 110;
const readWrite = 3;
const sharedFixed = 0x11;
const contextPc = 176;
const faultAddress = 16;

const set = (register: string, value: number): string => `addi ${register}, zero, ${value}`;
const move = (to: string, from: string): string => `addi ${to}, ${from}, 0`;
const zoneTo = (register: string): string[] =>
  zoneAddress === 2 ** 44 ? [set(register, 1), `slli ${register}, ${register}, 44`] : bug('the zone begins elsewhere', 'riscv64/runner.ts');
const field = (offset: number): string => `${offset}(s0)`;
const word = (index: number): string => `${commandRecord.first + 8 * index}(s1)`;
const systemCall = (number: number): string[] => [set('a7', number), 'ecall'];
const jump = (label: string): string => `jal zero, @${label}`;
const call = (label: string): string => `jal ra, @${label}`;
const ret = 'jalr zero, 0(ra)';

const lines = [
  'start:',
  ...zoneTo('a0'),
  `lui a1, ${zoneOwnBytes / 4096}`,
  set('a2', readWrite),
  set('a3', sharedFixed),
  set('a4', zoneDescriptor),
  set('a5', 0),
  ...systemCall(numbers.mmap),
  call('serve'),
  // Only an answer to a host callback returns from there, and there is none.
  set('a0', 2),
  ...systemCall(exitGroup),

  // Waits for its turn and does what it is asked, until that is to answer a host callback.
  'serve:',
  'addi sp, sp, -32',
  'sd ra, 0(sp)',
  'sd s0, 8(sp)',
  'sd s1, 16(sp)',
  'sd s2, 24(sp)',
  ...zoneTo('s0'),
  'wait:',
  `lw t0, ${field(control.looks)}`,
  set('t1', turns.runner),
  'look:',
  `lw a2, ${field(control.turn)}`,
  'beq a2, t1, @ours',
  'addi t0, t0, -1',
  'bne t0, zero, @look',
  move('a0', 's0'),
  set('a1', 0),
  `addi a3, s0, ${control.patience}`,
  ...systemCall(futex),
  set('t0', -timedOut),
  'bne a0, t0, @wait',
  ...systemCall(getParent),
  `lw t0, ${field(control.parent)}`,
  'beq a0, t0, @wait',
  set('a0', 0),
  ...systemCall(exitGroup),

  'ours:',
  'fence rw, rw',
  `lw t0, ${field(control.kind)}`,
  'bne t0, zero, @answer',
  `lui s1, ${zone.commands / 4096}`,
  'add s1, s1, s0',
  `lw s2, ${field(control.count)}`,
  'next:',
  'beq s2, zero, @done',
  'addi s2, s2, -1',
  'lw t0, 0(s1)',
  set('t1', operations.copy),
  'beq t0, t1, @copy',
  set('t1', operations.calls),
  'beq t0, t1, @calls',
  'bne t0, zero, @call',
  `ld a7, ${word(0)}`,
  ...[0, 1, 2, 3, 4, 5].map((i) => `ld a${i}, ${word(i + 1)}`),
  'ecall',
  `addi s1, s1, ${commandRecord.size}`,
  // Errors are the topmost 4095 numbers.
  set('t0', -2048),
  'addi t0, t0, -2047',
  'bltu a0, t0, @next',
  `sd a0, ${field(control.refused)}`,
  jump('next'),

  'copy:',
  `ld a0, ${word(1)}`,
  `ld a1, ${word(2)}`,
  `ld a2, ${word(3)}`,
  'add a2, a2, a0',
  'copying:',
  'ld t0, 0(a1)',
  'sd t0, 0(a0)',
  'addi a0, a0, 8',
  'addi a1, a1, 8',
  'bltu a0, a2, @copying',
  'fence.i',
  `addi s1, s1, ${commandRecord.size}`,
  jump('next'),

  'call:',
  `ld a0, ${word(1)}`,
  `ld a1, ${word(2)}`,
  `ld a2, ${word(3)}`,
  `ld t0, ${word(0)}`,
  'jalr ra, 0(t0)',
  `sw a0, ${field(control.result)}`,
  'done:',
  set('t0', turns.done),
  call('hand'),
  jump('wait'),

  'calls:',
  `ld s2, ${word(0)}`,
  `addi s1, s2, ${callList.first}`,
  'calling:',
  `lw t0, ${callList.remaining}(s2)`,
  'beq t0, zero, @done',
  'addi t0, t0, -1',
  `sw t0, ${callList.remaining}(s2)`,
  `ld a0, ${callRecord.code}(s1)`,
  `ld a1, ${callRecord.vmctx}(s1)`,
  `ld a2, ${callRecord.block}(s1)`,
  `ld t0, ${callRecord.entry}(s1)`,
  'jalr ra, 0(t0)',
  `sw a0, ${callRecord.result}(s1)`,
  `ld t0, ${callRecord.store}(s1)`,
  ...copiedWords.flatMap((offset) => [`ld t1, ${offset}(t0)`, `sd t1, ${offset}(s1)`]),
  `sd zero, ${callRecord.hostTrap}(t0)`,
  `addi s1, s1, ${callRecord.size}`,
  jump('calling'),

  'answer:',
  `lw a0, ${field(control.answer)}`,
  'ld ra, 0(sp)',
  'ld s0, 8(sp)',
  'ld s1, 16(sp)',
  'ld s2, 24(sp)',
  'addi sp, sp, 32',
  ret,

  'hostCallback:',
  'addi sp, sp, -16',
  'sd ra, 0(sp)',
  'sd s0, 8(sp)',
  ...zoneTo('s0'),
  `sd a0, ${field(control.context)}`,
  `sd a1, ${field(control.block)}`,
  `sd a2, ${field(control.number)}`,
  set('t0', turns.host),
  call('hand'),
  call('serve'),
  'ld ra, 0(sp)',
  'ld s0, 8(sp)',
  'addi sp, sp, 16',
  ret,

  // Gives the turn to the driver, as t0 says.
  'hand:',
  'fence rw, rw',
  `sw t0, ${field(control.turn)}`,
  move('a0', 's0'),
  set('a1', futexWake),
  set('a2', 1),
  ...systemCall(futex),
  ret,

  'fatal:',
  ...zoneTo('s0'),
  `sw a0, ${field(control.faultSignal)}`,
  `ld t0, ${faultAddress}(a1)`,
  `sd t0, ${field(control.faultAddress)}`,
  `ld t0, ${contextPc}(a2)`,
  `sd t0, ${field(control.faultPc)}`,
  set('t0', turns.fault),
  call('hand'),
  set('a0', 3),
  ...systemCall(exitGroup),
];

export const runner: RunnerProgram = { lines, systemCalls: numbers, signalHandler: buildSignalHandler };
