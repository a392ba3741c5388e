// The pieces of machine code that the runtime needs to run x86-64 code in its own process; see contract/in-process.ts. System V psABI.

import { entryRecord, type InProcessProgram } from '../../contract/in-process.ts';
import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { buildSignalHandler } from './signal-handler.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

export const inProcess: InProcessProgram = {
  entryThunk: (record) => [
    `movabs rax, ${hex(record)}`,
    `mov rdi, qword ptr [rax + ${entryRecord.code}]`,
    `mov rsi, qword ptr [rax + ${entryRecord.vmctx}]`,
    `mov rdx, qword ptr [rax + ${entryRecord.block}]`,
    `jmp qword ptr [rax + ${entryRecord.entry}]`,
  ],
  // The store context's address is at the same place in a host context.
  guardedCallback: (callback) => [
    `mov rax, qword ptr [rdi + ${vmctxHeader.store}]`,
    `mov dword ptr [rax + ${storeContext.hostDone}], 0`,
    'push rax',
    `movabs rax, ${hex(callback)}`,
    'call rax',
    'pop rcx',
    'xor eax, eax',
    `cmp dword ptr [rcx + ${storeContext.hostDone}], 1`,
    'setne al',
    'ret',
  ],
  defaultHandler: (signalFunction) => ['sub rsp, 8', 'xor esi, esi', `movabs rax, ${hex(signalFunction)}`, 'call rax', 'add rsp, 8', 'ret'],
  signalHandler: buildSignalHandler,
};
