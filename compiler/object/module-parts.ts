// What an artifact puts into a file, whatever its kind: names of its code, ranges with frames, the trap table.
//
// Symbols, for a prefix `wasm`:
//   wasm_NAME            code of an exported function; characters that C does not know are written `_xx` in hexadecimal
//   wasm_enter_NAME      its entry trampoline `int (code, vmctx, block)`, in the C calling convention
//   wasm_libcall_NAME    trampolines of library calls, for the vmctx
//   wasm_host_N          trampoline of host functions of the artifact's signature N
//   wasm_trap_exit, wasm_trap_exit_after_signal, wasm_traps
//   wasm_function_N      (local) code of a function that is not exported
// The trap table is u32 count, then the columns pc and origin of i32 each, then the codes, a byte each; as in contract/artifact.ts.

import type { Artifact } from '../contract/artifact.ts';
import { ByteWriter } from './bytes.ts';
import type { CodeRange } from './call-frame-info.ts';

/** A name and an offset in the code. */
export interface CodeSymbol {
  readonly name: string;
  readonly global: boolean;
  readonly offset: number;
  readonly byteLength: number;
}

/** `name` as part of a C identifier; different names stay different. */
export function identifierPart(name: string): string {
  let part = '';
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    part += /[A-Za-z0-9]/.test(character) ? character : character === '_' ? '__' : `_${byte.toString(16).padStart(2, '0')}`;
  }
  return part;
}

/** An export's name behind the prefix: unlike the name of the trap table, and the others of this file have an underscore. */
export const exportPart = (name: string): string => (name === 'traps' ? '_74raps' : identifierPart(name));

/** Whether global symbols may begin with it: a C identifier. */
export const isIdentifier = (prefix: string): boolean => /^[A-Za-z][A-Za-z0-9_]*$/.test(prefix);

/** Where each stretch of code begins and ends that has a frame. */
export function framedRanges(artifact: Artifact): readonly CodeRange[] {
  const { functions, entryTrampolines, hostTrampolines, libcallTrampolines, trapExit, code } = artifact;
  const trampolines = [...entryTrampolines, ...hostTrampolines, ...Object.values(libcallTrampolines)];
  const boundaries = [...trampolines, trapExit, ...functions.map(({ start }) => start), code.length].sort((a, b) => a - b);
  const endOf = (start: number): number => boundaries.find((boundary) => boundary > start) ?? code.length;
  return [...functions.map(({ start, end }) => ({ start, end })), ...trampolines.map((start) => ({ start, end: endOf(start) }))]
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start);
}

export function codeSymbols(artifact: Artifact, prefix: string): readonly CodeSymbol[] {
  const { manifest, functions, entryTrampolines, hostTrampolines, libcallTrampolines, typeSignatures } = artifact;
  const symbols: CodeSymbol[] = [];
  const byIndex = new Map(functions.map((f) => [f.index, f]));
  const exported = new Set<number>();
  const add = (name: string, offset: number, byteLength = 0): void => void symbols.push({ name: `${prefix}_${name}`, global: true, offset, byteLength });
  for (const { kind, name, index } of manifest.exports) {
    const f = kind === 'function' ? byIndex.get(index) : undefined;
    const entry = entryTrampolines[typeSignatures[manifest.functions[index] ?? -1] ?? -1];
    if (f === undefined || entry === undefined) continue;
    exported.add(index);
    // Names that could be taken for those of this table are kept apart by the doubled underscore: export `enter_x` is `PREFIX_enter__x`.
    add(exportPart(name), f.start, f.end - f.start);
    add(`enter_${exportPart(name)}`, entry);
  }
  for (const f of functions) if (!exported.has(f.index)) symbols.push({ name: `${prefix}_function_${f.index}`, global: false, offset: f.start, byteLength: f.end - f.start });
  for (const [name, offset] of Object.entries(libcallTrampolines)) add(`libcall_${name}`, offset);
  hostTrampolines.forEach((offset, signature) => add(`host_${signature}`, offset));
  add('trap_exit', artifact.trapExit);
  add('trap_exit_after_signal', artifact.trapExitAfterSignal);
  return symbols;
}

export function trapTableBytes({ traps }: Artifact): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(traps.pc.length);
  for (const pc of traps.pc) writer.u32(pc >>> 0);
  for (const origin of traps.origin) writer.u32(origin >>> 0);
  writer.append(traps.code);
  return writer.toBytes();
}
