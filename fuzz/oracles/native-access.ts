// What a machine instruction reads and writes in memory, by decoders that share nothing with our encoders: capstone's text for x86-64 and aarch64, and for
// riscv64, which capstone here cannot read, the major opcode and funct3 as the manual gives them (The RISC-V Instruction Set Manual, volume I, chapter
// "RV32/64G Instruction Set Listings"; the code we emit has no compressed instructions).

import { Capstone, Const, loadCapstone } from 'capstone-wasm';
import { type TargetName, targetOf } from '../../compiler/inside.ts';

export interface NativeAccess {
  /** From the start of the code given. */
  readonly at: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Bytes touched. */
  readonly width: number;
  /** The address is a place near the code, as of constants. */
  readonly pcRelative: boolean;
  /** The instruction, for people. */
  readonly text: string;
}

/** The accesses of some machine code in order; undefined where bytes are no instruction. */
export type ReadAccesses = (code: Uint8Array) => readonly NativeAccess[] | undefined;

const x86Widths: Readonly<Record<string, number>> = { byte: 1, word: 2, dword: 4, qword: 8, xmmword: 16 };
/** With memory as their first operand they only read it; any other that does not merely move changes it. */
const x86Readers = /^(?:cmp|test|u?comis[sd]|call|jmp|push)$/;
const x86Movers = /^(?:v?mov|set|v?pextr|pop$)/;
/** An address that is computed, or named by an instruction that does nothing. */
const x86Touchless = /^(?:lea|nop)$/;

type Shape = Omit<NativeAccess, 'at' | 'text'>;

function x86Access(mnemonic: string, operands: string): Shape | undefined {
  const [whole, size] = /\b(byte|word|dword|qword|xmmword) ptr (?:\w+:)?\[/.exec(operands) ?? [];
  if (whole === undefined || size === undefined || x86Touchless.test(mnemonic)) return undefined;
  const width = x86Widths[size] ?? 0;
  const isFirst = operands.startsWith(whole);
  const pcRelative = operands.includes('[rip');
  if (!isFirst || x86Readers.test(mnemonic)) return { reads: true, writes: false, width, pcRelative };
  return { reads: !x86Movers.test(mnemonic), writes: true, width, pcRelative };
}

/** Bytes of a register, by the first letter of its name. */
const a64Widths: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, s: 4, x: 8, d: 8, l: 8, q: 16 };

function a64Access(mnemonic: string, operands: string): Shape | undefined {
  const isLoad = mnemonic.startsWith('ld');
  if (!isLoad && !mnemonic.startsWith('st')) return undefined;
  const register = a64Widths[operands.charAt(0)] ?? 0;
  const isPair = /^(?:ld|st)n?p/.test(mnemonic);
  const width = mnemonic.endsWith('sw') ? 4 : mnemonic.endsWith('h') ? 2 : mnemonic.endsWith('b') ? 1 : register * (isPair ? 2 : 1);
  return { reads: isLoad, writes: !isLoad, width, pcRelative: !operands.includes('[') };
}

function throughCapstone(target: TargetName, accessOf: typeof x86Access): ReadAccesses {
  const { capstone } = targetOf(target).platform;
  const constant = (name: string): number => Number(Reflect.get(Const, name));
  if (capstone === undefined) throw new Error(`capstone cannot read ${target}`);
  const reader = new Capstone(constant(capstone.architecture), constant(capstone.mode));
  return (code) => {
    const accesses: NativeAccess[] = [];
    let read = 0;
    for (const { address, size, mnemonic, opStr } of reader.disasm(code, { address: 0 })) {
      const access = accessOf(mnemonic, opStr);
      if (access !== undefined) accesses.push({ at: Number(address), ...access, text: `${mnemonic} ${opStr}` });
      read = Number(address) + size;
    }
    return read === code.length ? accesses : undefined;
  };
}

const riscv = { load: 0x03, floatLoad: 0x07, auipc: 0x17, store: 0x23, floatStore: 0x27, branch: 0x63, floatOperation: 0x53 } as const;
/** Majors whose instructions write no integer register, or may not: of these `rd` is no place that held an address near the code. */
const writeNoInteger: ReadonlySet<number> = new Set([riscv.store, riscv.floatStore, riscv.branch, riscv.floatLoad, riscv.floatOperation]);

/** Low two bits 11: an instruction of 32 bits. In funct3 of loads and stores the low two bits are the logarithm of the width, bit 2 an unsigned load. */
function readRiscv(code: Uint8Array): readonly NativeAccess[] | undefined {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const accesses: NativeAccess[] = [];
  /** The register that `auipc` wrote last, while it keeps that. */
  let nearCode = -1;
  if (code.length % 4 !== 0) return undefined;
  for (let at = 0; at < code.length; at += 4) {
    const word = view.getUint32(at, true);
    if ((word & 3) !== 3) return undefined;
    const major = word & 0x7f;
    const reads = major === riscv.load || major === riscv.floatLoad;
    const writes = major === riscv.store || major === riscv.floatStore;
    const base = (word >>> 15) & 31;
    const target = (word >>> 7) & 31;
    if (reads || writes) accesses.push({ at, reads, writes, width: 1 << ((word >>> 12) & 3), pcRelative: base === nearCode, text: `${reads ? 'load' : 'store'} ${word.toString(16).padStart(8, '0')}` });
    if (major === riscv.auipc) nearCode = target;
    else if (target === nearCode && !writeNoInteger.has(major)) nearCode = -1;
  }
  return accesses;
}

export type AccessReaders = Readonly<Partial<Record<TargetName, ReadAccesses>>>;

/** The readers by target, for those that somebody has written one for; loading capstone takes a moment, once. */
export async function openAccessReaders(): Promise<AccessReaders> {
  await loadCapstone();
  return { 'x86-64': throughCapstone('x86-64', x86Access), aarch64: throughCapstone('aarch64', a64Access), riscv64: readRiscv };
}
