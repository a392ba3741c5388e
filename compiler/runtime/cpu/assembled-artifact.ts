// Artifacts from assembly text, for tests of the runtime that need code no compiler would emit (faults without a trap, wild addresses).
// Their trampolines keep the contract of `artifact.ts` in the plainest way: functions take no registers,
// they find the argument block at `rbx`, parameters in and results out, and their vmctx in `r15`.

import type { Artifact, Signature } from '../../contract/artifact.ts';
import { libcalls, type LibcallName } from '../../contract/libcalls.ts';
import type { FunctionType, Manifest, ValueType } from '../../contract/manifest.ts';
import { trapCodes, type TrapName } from '../../contract/traps.ts';
import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { assembleLines } from '../../isa/x86-64/listing.ts';
import { assemble } from './assemble.ts';

const store = `[r15 + ${vmctxHeader.store}]`;
const saved = [storeContext.entryStack, storeContext.hostStack, storeContext.wasmStack];

function hostTrampoline(number: number, slots: number): string[] {
  const bytes = 16 * slots;
  return [
    `mov rax, qword ptr ${store}`,
    `mov rcx, qword ptr [rax + ${storeContext.wasmStack}]`,
    'push rcx',
    'push r12',
    'mov r12, rsp',
    `sub rsp, ${bytes}`,
    'and rsp, -16',
    ...Array.from({ length: slots }, (_, i) => [`mov rcx, qword ptr [rbx + ${16 * i}]`, `mov qword ptr [rsp + ${16 * i}], rcx`]).flat(),
    'mov rsi, rsp',
    `mov qword ptr [rax + ${storeContext.wasmStack}], rsp`,
    'mov rdi, r15',
    `mov edx, ${number}`,
    `mov rsp, qword ptr [rax + ${storeContext.hostStack}]`,
    'push rsi',
    'push rsi',
    `call qword ptr [rax + ${storeContext.hostCallback}]`,
    'pop rsi',
    'pop rsi',
    'test eax, eax',
    `jne @failed${number < 0 ? 'host' : number}`,
    'mov rcx, qword ptr [rsi]',
    'mov qword ptr [rbx], rcx',
    'mov rsp, r12',
    'pop r12',
    'pop rcx',
    `mov rax, qword ptr ${store}`,
    `mov qword ptr [rax + ${storeContext.wasmStack}], rcx`,
    'ret',
    `failed${number < 0 ? 'host' : number}:`,
    'call @trapExit',
    `hostError${number < 0 ? 'host' : number}:`,
  ];
}

const trampolines: readonly string[] = [
  'entry:',
  ...['rbp', 'rbx', 'r12', 'r13', 'r14', 'r15', 'rdx'].map((register) => `push ${register}`),
  'mov r15, rsi',
  'mov rbx, rdx',
  `mov rax, qword ptr ${store}`,
  ...saved.flatMap((offset) => [`mov rcx, qword ptr [rax + ${offset}]`, 'push rcx']),
  'sub rsp, 8',
  `mov qword ptr [rax + ${storeContext.entryStack}], rsp`,
  `mov qword ptr [rax + ${storeContext.hostStack}], rsp`,
  `mov rsp, qword ptr [rax + ${storeContext.wasmStack}]`,
  'call rdi',
  `mov rax, qword ptr ${store}`,
  `mov rsp, qword ptr [rax + ${storeContext.entryStack}]`,
  'xor edx, edx',
  'leave:',
  'add rsp, 8',
  ...saved.toReversed().flatMap((offset) => ['pop rcx', `mov qword ptr [rax + ${offset}], rcx`]),
  'mov eax, edx',
  ...['rdx', 'r15', 'r14', 'r13', 'r12', 'rbx', 'rbp'].map((register) => `pop ${register}`),
  'ret',
  'trapExit:',
  `mov rax, qword ptr ${store}`,
  'pop rcx',
  `mov qword ptr [rax + ${storeContext.trapPc}], rcx`,
  `mov qword ptr [rax + ${storeContext.trapSignal}], 0`,
  'trapExitAfterSignal:',
  `mov rax, qword ptr ${store}`,
  `mov rsp, qword ptr [rax + ${storeContext.entryStack}]`,
  'mov edx, 1',
  'jmp @leave',
  'host:',
  ...hostTrampoline(-1, 2),
  ...Object.values(libcalls).flatMap(({ number, params }) => [`libcall${number}:`, ...hostTrampoline(number, Math.max(1, params.length))]),
];

export interface AssembledFunction {
  readonly type: number;
  /** Labels `trap.NAME.…` put the place they mark into the trap table, under the code of that name. */
  readonly lines: readonly string[];
}

export const emptyManifest: Manifest = {
  types: [], imports: [], functions: [], tables: [], tableInits: [], memories: [], globals: [], globalInits: [], exports: [], start: undefined,
  elements: [], data: [], importedFunctions: 0, importedTables: 0, importedMemories: 0, importedGlobals: 0,
};

/** An artifact of these defined functions; the rest of the manifest is the caller's. */
export function assembledArtifact(manifest: Omit<Manifest, 'functions'> & { readonly importedTypes?: readonly number[] }, functions: readonly AssembledFunction[]): Artifact {
  const imported = manifest.importedTypes ?? [];
  const lines = [...trampolines];
  functions.forEach((f, i) => lines.push(`function${i}:`, ...f.lines, `end${i}:`));
  const { code, labels } = assemble(lines, assembleLines);
  const at = (label: string): number => labels.get(label) ?? -1;
  const traps = [...labels]
    .filter(([label]) => /^(trap\.|hostError)/.test(label))
    .map(([label, pc]) => ({ pc, code: label.startsWith('hostError') ? trapCodes.hostError : trapCodes[label.split('.')[1] as TrapName] }))
    .sort((a, b) => a.pc - b.pc);
  return {
    target: 'x86-64',
    features: [],
    bounds: 'guard',
    manifest: { ...manifest, functions: [...imported, ...functions.map(({ type }) => type)] },
    code,
    functions: functions.map((_, i) => ({ index: imported.length + i, start: at(`function${i}`), end: at(`end${i}`), frameBytes: 64 })),
    traps: { pc: Int32Array.from(traps, ({ pc }) => pc), code: Uint8Array.from(traps, (trap) => trap.code), origin: Int32Array.from(traps, (_, i) => i) },
    origins: { pc: new Int32Array(0), origin: new Int32Array(0) },
    signatures: manifest.types.map(signatureOf),
    typeSignatures: manifest.types.map((_, i) => i),
    entryTrampolines: Int32Array.from(manifest.types, () => at('entry')),
    hostTrampolines: Int32Array.from(manifest.types, () => at('host')),
    libcallTrampolines: Object.fromEntries(Object.entries(libcalls).map(([name, { number }]) => [name, at(`libcall${number}`)])) as Record<LibcallName, number>,
    trapExit: at('trapExit'),
    trapExitAfterSignal: at('trapExitAfterSignal'),
  };
}

function signatureOf(type: FunctionType): Signature {
  const machine = (value: ValueType): 'i32' | 'i64' | 'f32' | 'f64' => (value === 'funcref' || value === 'externref' ? 'i64' : value);
  return { params: type.params.map(machine), results: type.results.map(machine) };
}
