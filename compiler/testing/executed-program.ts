// Functions compiled for an ISA and executed on it: all of them and their arguments go into one static program, written with our own assembler, which calls
// each function through its entry trampoline and writes out the argument blocks, in which the results then lie. So one start of an emulator judges thousands
// of calls, each against the evaluator of the IR.
//
// An ISA brings what is its own: the instructions around the calls (`main`), its signal handler, and the words with which its emulator is started.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allocate, applyAllocation, argumentSlot, CountingControl, evaluateAlone, expectVerifiedVcode, type IrFunction, ModuleAssembler, parseFunction, select, type Signature, storeContext, type Target, toProblem,
  trapNameOf, vmctxHeader,
} from '../inside.ts';
import { choices } from './choices.ts';
import { contents, vmctxBytes } from './ir-shapes.ts';

/** Addresses in the program, for the instructions around the calls. */
export interface ProgramPlaces {
  /** Of the first instruction. */
  readonly main: number;
  /** `struct sigaction` of the signal handler. */
  readonly action: number;
  readonly vmctx: number;
  readonly store: number;
  /** One record a call: entry trampoline, code, block, 8 bytes each. */
  readonly records: number;
  readonly calls: number;
  /** What is to be written out: from `blocks` to `end`. */
  readonly blocks: number;
  readonly end: number;
}

export const recordBytes = 24;
/** Where in a call's block its entry's answer goes; behind it, the pc of the trap. */
export const answerOffset = 4 * argumentSlot;
const blockBytes = answerOffset + argumentSlot;

export interface ExecutedIsa {
  readonly target: Target;
  /**
   * The program around the calls: installs the action for SIGSEGV, makes each call with the vmctx and leaves its answer and the store's trap pc in its block, writes all
   * blocks to standard output, ends with status 0. Where it has its second instruction, there is what ends the program with a status of its own.
   */
  main(places: ProgramPlaces): Uint8Array;
  /** The signal handler; faults outside the range of its table go on at `previous`. */
  signalHandler(places: { readonly ranges: number; readonly previous: number }): Uint8Array;
  /** Words for an emulator whose CPU has these optional features and no others. */
  emulatorWords(features: ReadonlySet<string>): readonly string[];
}

export interface ExecutedCall {
  readonly f: IrFunction;
  readonly text: string;
  readonly args: readonly bigint[];
}

interface Program {
  readonly bytes: Uint8Array;
  /** Trap codes by absolute pc. */
  readonly traps: ReadonlyMap<number, number>;
}

const edges = [
  0n, 1n, 2n, 3n, 255n, 256n, 4095n, 4096n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0xfffffffbn, 0x7f800000n, 0x7ff0000000000000n, 0x3ff0000000000000n,
  0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn, 0xfffffffffffffffbn, 0x5555555555555555n,
];
const loadAddress = 0x400000;
const headerBytes = 64 + 56;
const mainBytes = 384;
const stackBytes = 1 << 16;
const handlerBytes = 256;
const is32 = (type: string): boolean => type.endsWith('32');
const align = (n: number): number => (n + 15) & ~15;

/** `perFunction` calls of each function, with edge values and random ones. */
export function callsOf(texts: readonly string[], perFunction: number, seed: number): ExecutedCall[] {
  const choose = choices(seed);
  const random = (): bigint => (BigInt(choose(0x7fffffff)) << 40n) ^ (BigInt(choose(0x7fffffff)) << 20n) ^ BigInt(choose(0x7fffffff));
  return texts.flatMap((text) => {
    const f = parseFunction(text);
    return Array.from({ length: perFunction }, () => ({
      f,
      text,
      args: f.signature.params.map((type) => BigInt.asUintN(is32(type) ? 32 : 64, choose(3) === 0 ? random() : (edges[choose(edges.length)] ?? 0n))),
    }));
  });
}

/** Calls of one function with these arguments. */
export const callsWith = (text: string, args: readonly (readonly bigint[])[]): ExecutedCall[] => args.map((one) => ({ f: parseFunction(text), text, args: one }));

/** Executes code of one ISA, and remembers which of its rules have fired. */
export class Executor {
  private readonly isa: ExecutedIsa;
  private readonly control = new CountingControl();
  private readonly emulator: string;

  constructor(isa: ExecutedIsa) {
    this.isa = isa;
    this.emulator = isa.target.platform.emulator;
  }

  /** Why nothing can be executed here, or undefined. */
  whyNot(): string | undefined {
    return spawnSync(this.emulator, ['--version']).status === 0 ? undefined : `no ${this.emulator} here: apt-get install qemu-user`;
  }

  /** Rules that no call so far has needed. */
  unfired(): string[] {
    return this.isa.target.ruleNames.filter((name) => !this.control.firings.has(name));
  }

  /** The calls whose outcome differs from the evaluator's, at most a few. */
  differences(calls: readonly ExecutedCall[], target: Target = this.isa.target, features: ReadonlySet<string> = new Set()): string[] {
    const program = this.programOf(calls, target, features);
    const output = this.outputOf(program, features);
    if (output.length !== blockBytes * calls.length) throw new Error(`the program wrote ${output.length} bytes for ${calls.length} calls`);
    const found: string[] = [];
    for (const [i, { f, text, args }] of calls.entries()) {
      const expected = evaluateAlone([f], args, { memory: contents });
      const at = blockBytes * i;
      const trapped = output.readBigUInt64LE(at + answerOffset) !== 0n;
      const trap = trapped ? (trapNameOf(program.traps.get(Number(output.readBigUInt64LE(at + answerOffset + 8))) ?? -1) ?? 'a place without a trap') : 'none';
      const results = trapped ? [] : f.signature.results.map((type, n) => BigInt.asUintN(is32(type) ? 32 : 64, output.readBigUInt64LE(at + argumentSlot * n)));
      const agree = trap === expected.trap && results.every((bits, n) => bits === expected.results[n]);
      if (!agree && found.length < 5) found.push(`${text}(${args.join(', ')}): ${expected.trap} ${expected.results.join(', ')}, executed: ${trap} ${results.join(', ')}`);
    }
    return found;
  }

  private outputOf({ bytes }: Program, features: ReadonlySet<string>): Buffer {
    const directory = mkdtempSync(join(tmpdir(), 'execution-'));
    try {
      const path = join(directory, 'program');
      writeFileSync(path, bytes, { mode: 0o755 });
      const { status, signal, stdout, stderr } = spawnSync(this.emulator, [...this.isa.emulatorWords(features), path], { maxBuffer: 1 << 28 });
      if (status !== 0 || stderr.length > 0) throw new Error(`the program ended with ${status ?? signal}: ${stderr.toString()}`);
      return stdout;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  private programOf(calls: readonly ExecutedCall[], target: Target, features: ReadonlySet<string>): Program {
    const assembler = new ModuleAssembler(target);
    const starts = new Map<IrFunction, number>();
    const signatures: Signature[] = [];
    const signatureOf = new Map<string, number>();
    for (const { f } of calls) {
      if (starts.has(f)) continue;
      const v = select(f, target.lowering, features, this.control);
      expectVerifiedVcode(v, target.instructions, { features });
      const stated = toProblem(v, target.instructions, target.registers);
      const allocation = allocate(stated.problem, { algorithm: 'single-pass' });
      starts.set(f, assembler.add(applyAllocation(v, stated, allocation)).start);
      const key = JSON.stringify(f.signature);
      if (!signatureOf.has(key)) signatureOf.set(key, signatures.push(f.signature) - 1);
    }
    const emitted = assembler.finish(signatures);

    // header | main | code | signal handler | its table | struct sigaction | store context | vmctx | stack | records | blocks
    const main = loadAddress + headerBytes + 8;
    const code = main + mainBytes;
    const handler = align(code + emitted.code.length);
    const ranges = handler + handlerBytes;
    const action = ranges + 32;
    const store = action + 32;
    const vmctx = store + storeContext.size;
    const records = align(vmctx + vmctxBytes) + stackBytes;
    const blocks = records + align(recordBytes * calls.length);
    const end = blocks + blockBytes * calls.length;
    const around = this.isa.main({ main, action, vmctx, store, records, calls: calls.length, blocks, end });
    const signalHandler = this.isa.signalHandler({ ranges, previous: main + 4 });
    if (around.length > mainBytes || signalHandler.length > handlerBytes) throw new Error(`the code around the calls takes ${around.length} bytes, the signal handler ${signalHandler.length}`);

    const bytes = new Uint8Array(end - loadAddress);
    const view = new DataView(bytes.buffer);
    const put64 = (address: number, value: number | bigint): void => view.setBigUint64(address - loadAddress, BigInt(value), true);
    this.putHeaders(view, bytes.length, main);
    bytes.set(around, main - loadAddress);
    bytes.set(emitted.code, code - loadAddress);
    bytes.set(signalHandler, handler - loadAddress);
    [1, code, code + emitted.code.length, code + emitted.trapExitAfterSignal].forEach((value, i) => put64(ranges + 8 * i, value));
    // Handler, SA_SIGINFO | SA_NODEFER.
    put64(action, handler);
    put64(action + 8, 0x40000004);
    put64(store + storeContext.wasmStack, records);
    put64(store + storeContext.stackLimit, records - stackBytes + 8192);
    bytes.set(contents, vmctx - loadAddress);
    put64(vmctx + vmctxHeader.store, store);
    put64(vmctx + vmctxHeader.trapExit, code + emitted.trapExit);
    put64(vmctx + vmctxHeader.stackLimit, records - stackBytes + 8192);
    calls.forEach(({ f, args }, i) => {
      const signature = signatureOf.get(JSON.stringify(f.signature)) ?? 0;
      put64(records + recordBytes * i, code + (emitted.entryTrampolines[signature] ?? 0));
      put64(records + recordBytes * i + 8, code + (starts.get(f) ?? 0));
      put64(records + recordBytes * i + 16, blocks + blockBytes * i);
      // What stands above a 32-bit parameter is anybody's guess.
      args.forEach((bits, n) => put64(blocks + blockBytes * i + argumentSlot * n, is32(f.signature.params[n] ?? '') ? bits | 0xdeadbeef00000000n : bits));
    });
    return { bytes, traps: new Map(Array.from(emitted.traps.pc, (pc, i) => [code + pc, emitted.traps.code[i] ?? 0])) };
  }

  /** ELF: an executable with one program header, which loads all of it readable, writable and executable. */
  private putHeaders(view: DataView, byteLength: number, entry: number): void {
    const { machine, flags } = this.isa.target.platform.elf;
    new Uint8Array(view.buffer).set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    for (const [at, value] of [[16, 2], [18, machine], [52, 64], [54, 56], [56, 1]] as const) view.setUint16(at, value, true);
    for (const [at, value] of [[20, 1], [48, flags], [64, 1], [68, 7]] as const) view.setUint32(at, value, true);
    for (const [at, value] of [[24, entry], [32, 64], [80, loadAddress], [88, loadAddress], [96, byteLength], [104, byteLength], [112, 4096]] as const) view.setBigUint64(at, BigInt(value), true);
  }
}
