// This process's own CPU as a processor: Linux, no native addon but koffi. One per thread.
//
// A call writes a record, and a stub takes it to the entry trampoline: one foreign call without parameters. Calls from compiled code come
// back through one callback, which never throws: what a handler throws is its store's business, and JavaScript's own stack overflow at the
// callback's door is noticed by the guard in front of it (stubs.ts) and ends the call as exhaustion.
// Ends of calls: 0 returned; 1 left through the trap exit, and the store context says where.

import { isMainThread } from 'node:worker_threads';
import type { Artifact } from '../../contract/artifact.ts';
import { entryRecord } from '../../contract/in-process.ts';
import type { CallEnd, CodePlace, DataRegion, HostHandler, LoadedCode, Processor, Reservation } from '../../contract/processor.ts';
import { trapCodes } from '../../contract/traps.ts';
import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { bug } from '../../base/errors.ts';
import { targetOf, type TargetName } from '../../isa/index.ts';
import { assertAligned, Words } from '../cells.ts';
import { ResourceExhausted } from '../faults.ts';
import { Arena } from './arena.ts';
import { CodeMemory } from './code-memory.ts';
import { libc, protection, systemPageBytes, whyNoNativeCode, type Libc, type MemorySource } from './libc.ts';
import { hostFeatures } from './features.ts';
import { NativeCode } from './loaded-code.ts';
import { ReservationPool } from './reservations.ts';
import { addCodeRange, ensureAlternateStack, type RangeEntry } from './signals.ts';
import { StackPool, type Stack } from './stacks.ts';
import { endOfTrap } from './trap-end.ts';
import { threadMemory } from './thread-memory.ts';
import { maybeNativeTarget, nativeTargets, processStubs } from './stubs.ts';

export interface CpuOptions {
  /** Bytes of stack that compiled code of one store may use. */
  readonly stackBytes?: number;
}

const defaultStackBytes = 1 << 20;
const guardedOffset = 256;

/** A store that is open on this processor. */
interface OpenStore {
  readonly words: Words;
  readonly handler: HostHandler;
  readonly stack: Stack;
}

/** Why this process cannot run native code of ours, or undefined. */
export function whyNoCpu(platform: string = process.platform, arch: string = process.arch): string | undefined {
  const native = maybeNativeTarget(arch);
  return whyNoNativeCode(platform) ?? (native === undefined ? `native code in process needs ${nativeTargets.join(' or ')}; this is ${arch}` : undefined);
}

class Cpu implements Processor {
  readonly name: TargetName;
  private readonly libc: Libc;
  private readonly memory: MemorySource;
  private readonly arena: Arena;
  private readonly reservations: ReservationPool;
  private readonly stacks: StackPool;
  private readonly codeMemory: CodeMemory;
  private readonly range: RangeEntry;
  private readonly stubs: number;
  private readonly record: Words;
  private readonly enter: () => number;
  private readonly callback: { readonly address: number; release(): void };
  private readonly stores = new Map<number, OpenStore>();
  /** The store found last and the context it was found by. */
  private latestContext = 0;
  private latestStore: OpenStore | undefined = undefined;
  private readonly loaded = new Set<NativeCode>();
  /** The first artifact stays loaded: the signal handler leaves through its trap exit, which is the same in all of them. */
  private keeper: NativeCode | undefined = undefined;

  constructor(options: CpuOptions) {
    this.libc = libc();
    this.memory = threadMemory(this.libc);
    const stubs = processStubs();
    this.name = maybeNativeTarget() ?? bug('no code of ours runs in process on this CPU', process.arch);
    this.arena = new Arena(this.memory);
    this.reservations = new ReservationPool(this.memory);
    this.stacks = new StackPool(this.memory, roundToPages(options.stackBytes ?? defaultStackBytes));
    const { write, force } = this.libc;
    this.codeMemory = new CodeMemory({ ...this.memory, write }, { force, idleCode: targetOf(this.name).platform.idleCode });
    this.range = addCodeRange(this.libc, this.codeMemory.start, this.codeMemory.end);
    ensureAlternateStack(this.libc, this.memory);
    this.callback = this.libc.callback((context, block, number) => this.onCallback(context, block, number));
    const record = this.allocate(entryRecord.size);
    this.record = new Words(record);
    this.stubs = this.memory.maybeMap(systemPageBytes, protection.readWrite) ?? bug('the system refuses memory for stubs');
    const bytes = new Uint8Array(this.libc.view(this.stubs, systemPageBytes));
    bytes.set(stubs.entryThunk(record.address));
    bytes.set(stubs.guardedCallback(this.callback.address), guardedOffset);
    if (!this.libc.protect(this.stubs, systemPageBytes, protection.readExecute)) bug('the system refuses to make stubs executable');
    this.enter = this.libc.callable(this.stubs);
  }

  allocate(byteLength: number): DataRegion {
    const region = this.arena.maybeAllocate(byteLength);
    if (region === undefined) throw new ResourceExhausted(`${byteLength} bytes of shared memory`);
    assertAligned(region);
    return region;
  }

  free(region: DataRegion): void {
    this.arena.release(region);
  }

  reserve(byteLength: number, first = 0): Reservation {
    const reservation = this.reservations.maybeReserve(byteLength, first);
    if (reservation === undefined) throw new ResourceExhausted(`a reservation of ${byteLength} bytes of addresses`);
    return reservation;
  }

  load(artifact: Artifact): LoadedCode {
    if (artifact.target !== this.name) bug('code for another processor', artifact.target);
    const missing = artifact.features.filter((feature) => !hostFeatures().has(feature));
    if (missing.length > 0) throw new Error(`this CPU lacks ${missing.join(', ')}, which the code uses; compile it with other features`);
    const block = this.codeMemory.maybeLoad(artifact.code);
    if (block === undefined) throw new ResourceExhausted(`${artifact.code.length} bytes of executable memory`);
    const code = new NativeCode(artifact, block, (gone) => this.unload(gone));
    this.loaded.add(code);
    if (this.keeper === undefined) {
      this.keeper = code;
      this.range.setTrapExit(code.trapExitAfterSignal);
    }
    return code;
  }

  private unload(code: NativeCode): void {
    this.loaded.delete(code);
    if (code !== this.keeper) this.codeMemory.release(code.block);
  }

  openStore(store: DataRegion, handler: HostHandler): { release(): void } {
    const stack = this.stacks.maybeTake();
    if (stack === undefined) throw new ResourceExhausted('a stack');
    const words = new Words(store);
    words.setAddress(storeContext.wasmStack, stack.top);
    words.setAddress(storeContext.stackLimit, stack.limit);
    words.setAddress(storeContext.hostCallback, this.stubs + guardedOffset);
    this.stores.set(store.address, { words, handler, stack });
    return {
      release: () => {
        this.stores.delete(store.address);
        // Its contexts' addresses will be used again.
        this.latestStore = undefined;
        this.stacks.giveBack(stack);
      },
    };
  }

  call(entry: number, code: number, vmctx: number, block: DataRegion): CallEnd {
    const { record } = this;
    record.setAddress(entryRecord.entry, entry);
    record.setAddress(entryRecord.code, code);
    record.setAddress(entryRecord.vmctx, vmctx);
    record.setAddress(entryRecord.block, block.address);
    let end: number;
    try {
      end = this.enter();
    } catch (error) {
      // The callback could not be entered, or JavaScript had no stack left for the call itself: compiled code is left either way.
      if (!(error instanceof RangeError)) throw error;
      this.storeOf(vmctx).words.setAddress(storeContext.hostTrap, 0);
      return { end: 'trapped', trap: trapCodes.stackOverflow, origin: -1, address: undefined };
    }
    return end === 0 ? returned : this.endOfTrap(vmctx);
  }

  private endOfTrap(vmctx: number): CallEnd {
    const { words, stack } = this.storeOf(vmctx);
    return endOfTrap(words, stack, this.codeAt(words.addressAt(storeContext.trapPc)));
  }

  maybePlaceOf(pc: number): CodePlace | undefined {
    return this.codeAt(pc)?.placeOf(pc);
  }

  private codeAt(pc: number): NativeCode | undefined {
    for (const code of this.loaded) if (code.contains(pc)) return code;
    return this.keeper?.contains(pc) === true ? this.keeper : undefined;
  }

  private storeOf(context: number): OpenStore {
    if (context === this.latestContext && this.latestStore !== undefined) return this.latestStore;
    const store = this.stores.get(this.arena.addressAt(context + vmctxHeader.store)) ?? bug('no open store has this context', `context ${context}`);
    this.latestContext = context;
    this.latestStore = store;
    return store;
  }

  /** Entered from compiled code through the guard. Anything but success is noticed by `hostDone` staying 0. */
  private onCallback(context: number, blockAddress: number, number: number): number {
    const { words, handler, stack } = this.storeOf(context);
    const block: DataRegion = { address: blockAddress, bytes: stack.bytesFrom(blockAddress) };
    if (handler(context, block, number)) words.setU32(storeContext.hostDone, 1);
    return 0;
  }

  /** Gives up the thread's row in the signal handler's table; mappings go with the process. */
  close(): void {
    this.range.release();
  }

  dispose(): void {
    if (this.stores.size > 0) bug('a processor is disposed of while stores are open on it');
    this.close();
    this.callback.release();
    this.codeMemory.dispose();
    this.arena.dispose();
    this.reservations.dispose();
    this.stacks.dispose();
    this.memory.unmap(this.stubs, systemPageBytes);
  }
}

const returned: CallEnd = { end: 'returned' };

function roundToPages(bytes: number): number {
  return Math.ceil(bytes / systemPageBytes) * systemPageBytes;
}

/** Opens this thread's CPU. Throws where `whyNoCpu` says why. */
export function openCpu(options: CpuOptions = {}): Processor {
  return new Cpu(options);
}

let ofThread: Processor | undefined;

/**
 * The CPU that all of this thread's stores share, opened at the first use. What a thread has mapped stays mapped to its very end, since views of it may be
 * looked at; after that, the next thread that opens one gives it back (thread-memory.ts).
 */
export function threadCpu(): Processor {
  if (ofThread === undefined) {
    const opened = new Cpu({});
    ofThread = opened;
    if (!isMainThread) process.once('exit', () => opened.close());
  }
  return ofThread;
}
