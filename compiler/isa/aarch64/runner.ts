// The runner for AArch64 Linux; see contract/runner.ts for what it does.
// System calls: number in x8, arguments in x0–x5, answer in x0; everything else is kept.
// Layout of `struct ucontext`: see signal-handler.ts.

import { callList, callRecord, commandRecord, control, copiedWords, operations, turns, zone, zoneAddress, zoneDescriptor, zoneOwnBytes } from '../../contract/runner.ts';
import { bug } from '../../base/errors.ts';
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
const contextPc = 176 + 8 + 32 * 8;
const faultAddress = 16;

/** Cache maintenance is in no table of ours: compiled code has none. Arm ARM C5.3. */
const dcCvau = (register: number): string => `.word 0x${(0xd50b7b20 + register).toString(16)}`;
const icIvau = (register: number): string => `.word 0x${(0xd50b7520 + register).toString(16)}`;
const dsbIsh = '.word 0xd5033b9f';
/** The smallest cache line the architecture allows. */
const cacheLine = 16;

const set = (register: string, value: number): string => `movz ${register}, #${value}, lsl #0`;
const zoneTo = (register: string): string => (zoneAddress === 2 ** 44 ? `movz ${register}, #4096, lsl #32` : bug('the zone begins elsewhere', 'aarch64/runner.ts'));
const at = (base: string, offset: number): string => (offset === 0 ? `[${base}]` : `[${base}, #${offset}]`);
const field = (offset: number): string => at('x19', offset);
const word = (index: number): string => at('x20', commandRecord.first + 8 * index);
const systemCall = (number: number): string[] => [set('x8', number), 'svc #0'];

const lines = [
  'start:',
  zoneTo('x0'),
  `movz x1, #${zoneOwnBytes / 65536}, lsl #16`,
  set('x2', readWrite),
  set('x3', sharedFixed),
  set('x4', zoneDescriptor),
  set('x5', 0),
  ...systemCall(numbers.mmap),
  'bl @serve',
  // Only an answer to a host callback returns from there, and there is none.
  set('x0', 2),
  ...systemCall(exitGroup),

  // Waits for its turn and does what it is asked, until that is to answer a host callback.
  'serve:',
  'stp x29, x30, [sp, #-48]!',
  'stp x19, x20, [sp, #16]',
  'str x21, [sp, #32]',
  zoneTo('x19'),
  'wait:',
  `ldr w9, ${field(control.looks)}`,
  'look:',
  `ldr w2, ${field(control.turn)}`,
  `cmp w2, #${turns.runner}`,
  'b.eq @ours',
  'sub w9, w9, #1',
  'cbnz w9, @look',
  'mov x0, x19',
  set('x1', 0),
  `add x3, x19, #${control.patience}`,
  ...systemCall(futex),
  `cmn x0, #${timedOut}`,
  'b.ne @wait',
  ...systemCall(getParent),
  `ldr w9, ${field(control.parent)}`,
  'cmp w0, w9',
  'b.eq @wait',
  set('x0', 0),
  ...systemCall(exitGroup),

  'ours:',
  'dmb ish',
  `ldr w9, ${field(control.kind)}`,
  'cbnz w9, @answer',
  `add x20, x19, #${zone.commands / 4096}, lsl #12`,
  `ldr w21, ${field(control.count)}`,
  'next:',
  'cbz w21, @done',
  'sub w21, w21, #1',
  'ldr w9, [x20]',
  `cmp w9, #${operations.copy}`,
  'b.eq @copy',
  `cmp w9, #${operations.calls}`,
  'b.eq @calls',
  `cmp w9, #${operations.call}`,
  'b.eq @call',
  `ldr x8, ${word(0)}`,
  ...[0, 1, 2, 3, 4, 5].map((i) => `ldr x${i}, ${word(i + 1)}`),
  'svc #0',
  `add x20, x20, #${commandRecord.size}`,
  // Errors are the topmost 4095 numbers.
  'cmn x0, #4095',
  'b.lo @next',
  `str x0, ${field(control.refused)}`,
  'b @next',

  'copy:',
  `ldr x0, ${word(1)}`,
  `ldr x1, ${word(2)}`,
  `ldr x2, ${word(3)}`,
  'mov x3, x0',
  'mov x5, x0',
  'add x4, x0, x2',
  'copying:',
  'ldr x9, [x1]',
  'str x9, [x0]',
  'add x1, x1, #8',
  'add x0, x0, #8',
  'cmp x0, x4',
  'b.lo @copying',
  'cleaning:',
  dcCvau(3),
  `add x3, x3, #${cacheLine}`,
  'cmp x3, x4',
  'b.lo @cleaning',
  dsbIsh,
  'invalidating:',
  icIvau(5),
  `add x5, x5, #${cacheLine}`,
  'cmp x5, x4',
  'b.lo @invalidating',
  dsbIsh,
  'isb',
  `add x20, x20, #${commandRecord.size}`,
  'b @next',

  'call:',
  `ldr x0, ${word(1)}`,
  `ldr x1, ${word(2)}`,
  `ldr x2, ${word(3)}`,
  `ldr x9, ${word(0)}`,
  'blr x9',
  `str w0, ${field(control.result)}`,
  'done:',
  set('w9', turns.done),
  'bl @hand',
  'b @wait',

  'calls:',
  `ldr x21, ${word(0)}`,
  `add x20, x21, #${callList.first}`,
  'calling:',
  `ldr w9, ${at('x21', callList.remaining)}`,
  'cbz w9, @done',
  'sub w9, w9, #1',
  `str w9, ${at('x21', callList.remaining)}`,
  `ldr x0, ${at('x20', callRecord.code)}`,
  `ldr x1, ${at('x20', callRecord.vmctx)}`,
  `ldr x2, ${at('x20', callRecord.block)}`,
  `ldr x9, ${at('x20', callRecord.entry)}`,
  'blr x9',
  `str w0, ${at('x20', callRecord.result)}`,
  `ldr x9, ${at('x20', callRecord.store)}`,
  ...copiedWords.flatMap((offset) => [`ldr x10, ${at('x9', offset)}`, `str x10, ${at('x20', offset)}`]),
  set('x10', 0),
  `str x10, ${at('x9', callRecord.hostTrap)}`,
  `add x20, x20, #${callRecord.size}`,
  'b @calling',

  'answer:',
  `ldr w0, ${field(control.answer)}`,
  'ldr x21, [sp, #32]',
  'ldp x19, x20, [sp, #16]',
  'ldp x29, x30, [sp], #48',
  'ret',

  'hostCallback:',
  'stp x29, x30, [sp, #-32]!',
  'str x19, [sp, #16]',
  zoneTo('x19'),
  `str x0, ${field(control.context)}`,
  `str x1, ${field(control.block)}`,
  'sxtw x2, w2',
  `str x2, ${field(control.number)}`,
  set('w9', turns.host),
  'bl @hand',
  'bl @serve',
  'ldr x19, [sp, #16]',
  'ldp x29, x30, [sp], #32',
  'ret',

  // Gives the turn to the driver, as w9 says.
  'hand:',
  'dmb ish',
  `str w9, ${field(control.turn)}`,
  'mov x0, x19',
  set('x1', futexWake),
  set('x2', 1),
  ...systemCall(futex),
  'ret',

  'fatal:',
  zoneTo('x19'),
  `str w0, ${field(control.faultSignal)}`,
  `ldr x9, ${at('x1', faultAddress)}`,
  `str x9, ${field(control.faultAddress)}`,
  `ldr x9, ${at('x2', contextPc)}`,
  `str x9, ${field(control.faultPc)}`,
  set('w9', turns.fault),
  'bl @hand',
  set('x0', 3),
  ...systemCall(exitGroup),
];

export const runner: RunnerProgram = { lines, systemCalls: numbers, signalHandler: buildSignalHandler };
