// A processor that executes the SSA IR itself, in a fake address space: the runtime links and instantiates on it exactly as on the CPU.
// What enters: artifacts whose machine code nobody looks at; the IR comes by the side, from `functionsOf`.
// Addresses: each loaded artifact owns a range without bytes; functions, entries and trampolines are numbers in it.
//
//   offset in the range: kind (bits 30–32) | 16 × (number + 1)
//
// Stack overflow is a number of frames; host calls that call back nest in JavaScript too, and have a limit of their own.

import { bug } from '../base/errors.ts';
import type { Artifact, Signature } from '../contract/artifact.ts';
import { type MachineType, libcallNameOf, libcalls } from '../contract/libcalls.ts';
import type { CallEnd, DataRegion, HostHandler, LoadedCode, Processor, Reservation } from '../contract/processor.ts';
import { trapCodes } from '../contract/traps.ts';
import { argumentSlot, memoryReservation, storeContext, vmctxHeader } from '../contract/vmctx.ts';
import { AddressSpace, addressOf } from './address-space.ts';
import { frameBase, programOf, runProgram } from './evaluate.ts';
import { Machine, type Linkage, type Program, type Target, type World } from './evaluate-machine.ts';
import type { IrFunction } from './function.ts';

export interface EvaluatedProcessorOptions {
  /** The IR of an artifact's functions; each says its own index. */
  readonly functionsOf: (artifact: Artifact) => readonly IrFunction[];
  readonly name?: string;
  /** Frames until the stack overflows. */
  readonly maxDepth?: number;
  /** Blocks and calls that one outermost call may execute before it ends as `outOfFuel`. */
  readonly fuel?: number;
  /** Hears of each load and store of code that touches bytes of a linear memory, which goes by the number of those reserved before it. */
  readonly onMemoryAccess?: (kind: 'load' | 'store', memory: number, offset: number, bytes: number) => void;
}

const kinds = { function: 0, entry: 1, host: 2, libcall: 3, trapExit: 4 } as const;
const kindShift = 2 ** 30;
const granule = 16;
const defaultDepth = 10_000;
/** Host calls that may be under way at once. */
const maxHostDepth = 200;

/** One loaded artifact: programs are made at their first call. */
class Image implements LoadedCode, Linkage {
  readonly base: number;
  readonly artifact: Artifact;
  private readonly functions = new Map<number, IrFunction>();
  private readonly programs = new Map<number, Program>();
  private readonly processor: EvaluatedProcessor;

  constructor(processor: EvaluatedProcessor, base: number, artifact: Artifact, functions: readonly IrFunction[]) {
    this.processor = processor;
    this.base = base;
    this.artifact = artifact;
    for (const f of functions) this.functions.set(f.index, f);
  }

  private address(kind: number, number: number): number {
    return this.base + kind * kindShift + granule * (number + 1);
  }
  functionAddress(index: number): number {
    return this.functions.has(index) ? this.address(kinds.function, index) : bug(`function ${index} has no IR`);
  }
  entryAddress(signature: number): number {
    return this.address(kinds.entry, signature);
  }
  hostTrampoline(signature: number): number {
    return this.address(kinds.host, signature);
  }
  libcallTrampoline(number: number): number {
    return this.address(kinds.libcall, number);
  }
  get trapExit(): number {
    return this.address(kinds.trapExit, 0);
  }
  release(): void {
    this.processor.unload(this);
  }

  program(index: number): Program {
    let program = this.programs.get(index);
    if (program === undefined) {
      program = programOf(this.functions.get(index) ?? bug(`call of function ${index}, which has no IR`), this, this.processor.tells);
      this.programs.set(index, program);
    }
    return program;
  }

  private signature(number: number): Signature {
    return this.artifact.signatures[number] ?? bug(`no signature ${number}`);
  }

  /** What the address at `offset` of the range names. */
  maybeTarget(offset: number): Target | undefined {
    const kind = Math.floor(offset / kindShift);
    const number = (offset % kindShift) / granule - 1;
    if (!Number.isInteger(number) || number < 0) return undefined;
    if (kind === kinds.function && this.functions.has(number)) return { kind: 'function', program: this.program(number) };
    if (kind === kinds.host && number < this.artifact.signatures.length) return { kind: 'host', signature: this.signature(number), number: -1 };
    const libcall = kind === kinds.libcall ? libcallNameOf(number) : undefined;
    return libcall === undefined ? undefined : { kind: 'host', signature: libcalls[libcall], number };
  }

  /** The signature whose entry lies at `offset`. */
  entrySignature(offset: number): Signature {
    if (Math.floor(offset / kindShift) !== kinds.entry) bug(`offset 0x${offset.toString(16)} is no entry`);
    return this.signature((offset % kindShift) / granule - 1);
  }
}

export class EvaluatedProcessor implements Processor, World {
  readonly name: string;
  readonly space = new AddressSpace();
  private readonly options: EvaluatedProcessorOptions;
  private readonly machine: Machine;
  private readonly images = new Map<number, Image>();
  /** Numbers of linear memories by address; kept only for whoever listens. */
  private readonly memories = new Map<number, number>();
  private readonly targets = new Map<number, Target>();
  private readonly handlers = new Map<number, HostHandler>();
  /** Argument blocks of host calls, by how many are under way. */
  private readonly blocks: DataRegion[] = [];
  private hostDepth = 0;

  constructor(options: EvaluatedProcessorOptions) {
    this.options = options;
    this.name = options.name ?? 'ir';
    this.machine = new Machine(this, options.maxDepth ?? defaultDepth);
    const { onMemoryAccess } = options;
    if (onMemoryAccess === undefined) return;
    this.machine.onAccess = (kind, high, offset, bytes) => {
      const memory = this.memories.get(addressOf(0, high & ~3));
      if (memory !== undefined) onMemoryAccess(kind, memory, offset, bytes);
    };
  }

  /** Whether programs are made so that they tell of their accesses. */
  get tells(): boolean {
    return this.machine.onAccess !== undefined;
  }

  allocate(byteLength: number): DataRegion {
    return this.space.allocate(byteLength);
  }
  free(region: DataRegion): void {
    this.space.release(region.address);
  }
  reserve(byteLength: number): Reservation {
    const made = this.space.reserve(byteLength);
    // Nothing but linear memories reserves so much.
    if (this.tells && byteLength >= memoryReservation) this.memories.set(made.address, this.memories.size);
    return made;
  }

  load(artifact: Artifact): LoadedCode {
    const image = new Image(this, this.space.nameless(), artifact, this.options.functionsOf(artifact));
    this.images.set(image.base, image);
    return image;
  }
  unload(image: Image): void {
    this.images.delete(image.base);
    for (const address of this.targets.keys()) if (this.imageOf(address) === undefined) this.targets.delete(address);
    this.space.release(image.base);
  }

  openStore(store: DataRegion, handler: HostHandler): { release(): void } {
    this.handlers.set(store.address, handler);
    return { release: () => this.handlers.delete(store.address) };
  }

  dispose(): void {
    this.images.clear();
    this.targets.clear();
    this.handlers.clear();
  }

  call(entry: number, code: number, vmctx: number, block: DataRegion): CallEnd {
    const image = this.imageOf(entry) ?? bug(`entry 0x${entry.toString(16)} is no code`);
    const { params, results } = image.entrySignature(entry - image.base);
    const target = this.maybeTarget(code) ?? bug(`call of 0x${code.toString(16)}, which is no code`);
    const m = this.machine;
    if (m.depth === 0) m.fuel = this.options.fuel ?? Infinity;
    if (target.kind === 'host') return this.callHostDirectly(vmctx, target.number, block);

    const base = frameBase(m, target.program);
    if (base >= 0) {
      m.i32[base] = vmctx | 0;
      m.i32[base + 1] = Math.floor(vmctx / 0x1_0000_0000);
      const view = viewOf(block);
      for (let i = 0; i < params.length; i++) {
        m.i32[base + 2 + 2 * i] = view.getInt32(i * argumentSlot, true);
        m.i32[base + 3 + 2 * i] = view.getInt32(i * argumentSlot + 4, true);
      }
    }
    const trap = runProgram(m, target.program, base);
    if (trap !== 0) return { end: 'trapped', trap, origin: m.trapOrigin, address: m.trapAddress };
    writeSlots(m, base, results, block);
    return { end: 'returned' };
  }

  /** A host function's code entered from the host: the block is the caller's. */
  private callHostDirectly(context: number, number: number, block: DataRegion): CallEnd {
    const trap = this.enterHost(context, number, block);
    return trap === 0 ? { end: 'returned' } : { end: 'trapped', trap, origin: -1, address: undefined };
  }

  // ---- what code on the machine asks for

  maybeTarget(address: number): Target | undefined {
    const known = this.targets.get(address);
    if (known !== undefined) return known;
    const image = this.imageOf(address);
    const target = image?.maybeTarget(address - image.base);
    if (target !== undefined) this.targets.set(address, target);
    return target;
  }

  callHost(m: Machine, context: number, number: number, at: number, signature: Signature): number {
    const slots = Math.max(signature.params.length, signature.results.length, 1);
    const block = this.blockFor(slots * argumentSlot);
    writeSlots(m, at, signature.params, block);
    const trap = this.enterHost(context, number, block);
    if (trap !== 0) return trap;
    const view = viewOf(block);
    for (let i = 0; i < signature.results.length; i++) {
      m.i32[at + 2 * i] = view.getInt32(i * argumentSlot, true);
      m.i32[at + 2 * i + 1] = view.getInt32(i * argumentSlot + 4, true);
    }
    return 0;
  }

  private enterHost(context: number, number: number, block: DataRegion): number {
    if (this.hostDepth >= maxHostDepth) return trapCodes.stackOverflow;
    // Header of a vmctx and of a host context agree in where the store stands.
    const store = this.read64(context + vmctxHeader.store);
    const handler = this.handlers.get(store) ?? bug(`host call from context 0x${context.toString(16)}, whose store is not open`);
    this.hostDepth++;
    let done: boolean;
    try {
      done = handler(context, block, number);
    } finally {
      this.hostDepth--;
    }
    return done ? 0 : this.read64(store + storeContext.hostTrap) || trapCodes.hostError;
  }

  private blockFor(byteLength: number): DataRegion {
    const old = this.blocks[this.hostDepth];
    if (old !== undefined && old.bytes.length >= byteLength) return old;
    if (old !== undefined) this.free(old);
    const block = this.allocate(Math.max(byteLength, 16 * argumentSlot));
    this.blocks[this.hostDepth] = block;
    return block;
  }

  private read64(address: number): number {
    const view = this.space.view(Math.floor(address / 0x1_0000_0000));
    const offset = address % 2 ** 34;
    if (offset + 8 > view.byteLength) bug(`context at 0x${address.toString(16)} is not there`);
    return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
  }

  private imageOf(address: number): Image | undefined {
    return this.images.get(address - (address % 2 ** 34));
  }
}

function viewOf(block: DataRegion): DataView {
  return new DataView(block.bytes.buffer, block.bytes.byteOffset, block.bytes.byteLength);
}

/** Copies values from consecutive slots to an argument block; the high half of 32-bit values is zero. */
function writeSlots(m: Machine, at: number, types: readonly MachineType[], block: DataRegion): void {
  const view = viewOf(block);
  for (let i = 0; i < types.length; i++) {
    const narrow = types[i] === 'i32' || types[i] === 'f32';
    view.setInt32(i * argumentSlot, m.i32[at + 2 * i] as number, true);
    view.setInt32(i * argumentSlot + 4, narrow ? 0 : (m.i32[at + 2 * i + 1] as number), true);
  }
}
