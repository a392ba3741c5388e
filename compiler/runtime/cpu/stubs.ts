// The few pieces of machine code that belong to the process and not to an artifact, written with our own assembler.

import { storeContext } from '../../contract/vmctx.ts';
import { assemble, hex } from './assemble.ts';

/** Byte offsets in the record from which `entryThunk` takes its call. */
export const entryRecord = { entry: 0, code: 8, vmctx: 16, block: 24, size: 64 } as const;

/** `int thunk(void)`: calls `entry(code, vmctx, block)` of the record at a fixed address. A call without parameters is the cheapest one there is. */
export function entryThunk(record: number): Uint8Array {
  return assemble([
    `movabs rax, ${hex(record)}`,
    `mov rdi, qword ptr [rax + ${entryRecord.code}]`,
    `mov rsi, qword ptr [rax + ${entryRecord.vmctx}]`,
    `mov rdx, qword ptr [rax + ${entryRecord.block}]`,
    `jmp qword ptr [rax + ${entryRecord.entry}]`,
  ]).code;
}

/** Offset of the store's address in a vmctx and in a host context. */
const storeOfContext = 8;

/**
 * What compiled code calls as `host(context, block, number)`: the callback at `callback`, but answering 0 only if the callback says in the
 * store context that it ran to its end. When JavaScript has no stack left, the callback is not entered at all and its answer is an accident.
 */
export function guardedCallback(callback: number): Uint8Array {
  return assemble([
    `mov rax, qword ptr [rdi + ${storeOfContext}]`,
    `mov dword ptr [rax + ${storeContext.hostDone}], 0`,
    'push rax',
    `movabs rax, ${hex(callback)}`,
    'call rax',
    'pop rcx',
    'xor eax, eax',
    `cmp dword ptr [rcx + ${storeContext.hostDone}], 1`,
    'setne al',
    'ret',
  ]).code;
}

/** A three-argument signal handler that gives the signal back to the system: the same fault then ends the process as it would have. */
export function defaultHandler(signalFunction: number): Uint8Array {
  return assemble(['sub rsp, 8', 'xor esi, esi', `movabs rax, ${hex(signalFunction)}`, 'call rax', 'add rsp, 8', 'ret']).code;
}
