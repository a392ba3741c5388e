// A runner as a processor: compiled code runs in another process, natively or under qemu-user, the runtime stays here. Stores, instances and linking
// do not notice. What costs this process its life in `cpu/`, a wild store or a jump to nowhere, costs a runner here, and an endless loop ends.
//
// A lost runner throws `RunnerLost` from every call; after a time-out calls end as out of fuel instead, as nobody can tell what they would have
// come to. Its data can be looked at until it is disposed of.

import { bug } from '../../base/errors.ts';
import type { Artifact } from '../../contract/artifact.ts';
import type { CallEnd, CallRequest, CodePlace, DataRegion, HostHandler, LoadedCode, Processor, Reservation } from '../../contract/processor.ts';
import { callList, callRecord, privateAddress, zone, zoneAddress } from '../../contract/runner.ts';
import { trapCodes } from '../../contract/traps.ts';
import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import type { TargetName } from '../../isa/index.ts';
import { assertAligned, Words } from '../cells.ts';
import { Arena } from '../cpu/arena.ts';
import { CodeMemory } from '../cpu/code-memory.ts';
import { hostFeatures } from '../cpu/features.ts';
import { libc } from '../cpu/libc.ts';
import { NativeCode } from '../cpu/loaded-code.ts';
import { ReservationPool } from '../cpu/reservations.ts';
import { StackPool, type Stack } from '../cpu/stacks.ts';
import { endOfTrap } from '../cpu/trap-end.ts';
import { ResourceExhausted } from '../faults.ts';
import { Channel, type HostCallRequest } from './channel.ts';
import { maybeEmulator } from './emulator.ts';
import { RunnerLost } from './lost.ts';
import { codeSource, SharedMemory } from './memory.ts';
import { builtRunner } from './program.ts';

export interface RunnerOptions {
  /** Bytes of stack that compiled code of one store may use. */
  readonly stackBytes?: number;
  /** Milliseconds that code may run before it calls the host or returns. */
  readonly timeout?: number;
}

export interface Runner extends Processor {
  /** Process id. */
  readonly pid: number;
  /** Why it is of no use any more, or undefined. */
  readonly lost: RunnerLost | undefined;
  /** No store is open on it. */
  readonly idle: boolean;
  /** The bytes from an address of shared data to the end of its range; for who looks into a runner. */
  region(address: number): Uint8Array;
}

/** A list of calls for the runner, used again and again; one for each that is under way. */
interface CallList {
  readonly region: DataRegion;
  readonly header: Words;
  readonly records: readonly Words[];
  /** Calls in it. */
  count: number;
  /** How many had begun when the driver ended it early. */
  stoppedAfter: number | undefined;
}

const mostCallsAtOnce = 64;
const defaultStackBytes = 1 << 20;
const defaultTimeout = 10_000;
const zoneBytes = 2 ** 44;
const mostDepth = 150;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
const faultSignals = [4, 5, 7, 8, 11];
const actionFlags = { sigInfo: 4, restorer: 0x04000000, onStack: 0x08000000, noDefer: 0x40000000 } as const;
/** `struct sigaction` of the kernel: handler, flags, restorer, mask; without restorers the mask takes its place, and is 0 either way. */
const actionBytes = 32;
const maskBytes = 8;
const endWithParent = { option: 1, signal: 9 } as const;

interface OpenStore {
  readonly words: Words;
  readonly handler: HostHandler;
  readonly stack: Stack;
}

class RunnerProcessor implements Runner {
  readonly name: string;
  private readonly target: TargetName;
  private readonly channel: Channel;
  private readonly memory: SharedMemory;
  private readonly arena: Arena;
  private readonly reservations: ReservationPool;
  private readonly stacks: StackPool;
  private readonly codeMemory: CodeMemory;
  private readonly hostCallback: number;
  private readonly ranges: Words;
  private readonly stores = new Map<number, OpenStore>();
  private readonly loaded = new Set<NativeCode>();
  /** The first artifact stays loaded: the signal handler leaves through its trap exit, which is the same in all of them. */
  private keeper: NativeCode | undefined = undefined;
  private depth = 0;
  private disposed = false;
  private readonly lists: CallList[] = [];
  /** The list that the innermost call under way belongs to; undefined where it was made alone. */
  private list: CallList | undefined = undefined;

  constructor(target: TargetName, options: RunnerOptions) {
    const system = libc();
    const built = builtRunner(target);
    this.name = `${target} runner`;
    this.target = target;
    this.hostCallback = built.hostCallback;
    this.channel = new Channel(system, target, built, zoneBytes, options.timeout ?? defaultTimeout);
    this.memory = new SharedMemory(system, this.channel);
    this.arena = new Arena(this.memory);
    this.reservations = new ReservationPool(this.memory);
    this.stacks = new StackPool(this.memory, Math.ceil((options.stackBytes ?? defaultStackBytes) / 4096) * 4096);
    this.codeMemory = new CodeMemory(codeSource(this.channel));
    this.ranges = this.channel.structure(zone.ranges, 32);
    this.prepareSignals(built.signalHandler, built.restorer);
  }

  private prepareSignals(handler: number, restorer: number): void {
    const { channel } = this;
    channel.system('prctl', endWithParent.option, endWithParent.signal);
    this.ranges.setAddress(8, privateAddress);
    this.ranges.setAddress(0, 1);
    const action = channel.structure(zone.signalAction, actionBytes);
    action.setAddress(0, handler);
    action.setAddress(8, actionFlags.sigInfo | actionFlags.onStack | actionFlags.noDefer | (restorer === 0 ? 0 : actionFlags.restorer));
    action.setAddress(16, restorer);
    const stack = channel.structure(zone.signalStack, 24);
    stack.setAddress(0, zoneAddress + zone.alternateStack);
    stack.setAddress(16, zone.alternateStackBytes);
    channel.system('sigaltstack', zoneAddress + zone.signalStack, 0);
    for (const signal of faultSignals) channel.system('rt_sigaction', signal, zoneAddress + zone.signalAction, 0, maskBytes);
    channel.flush();
  }

  get pid(): number {
    return this.channel.pid;
  }
  get lost(): RunnerLost | undefined {
    return this.channel.lost;
  }
  get idle(): boolean {
    return this.stores.size === 0;
  }

  region(address: number): Uint8Array {
    return new Uint8Array(this.memory.viewFrom(address));
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
    if (artifact.target !== this.target) bug('code for another processor', artifact.target);
    // An emulator's features are its own business: it is started without being told any.
    const missing = maybeEmulator(this.target)?.command === undefined ? artifact.features.filter((feature) => !hostFeatures().has(feature)) : [];
    if (missing.length > 0) throw new Error(`this CPU lacks ${missing.join(', ')}, which the code uses; compile it with other features`);
    const block = this.codeMemory.maybeLoad(artifact.code);
    if (block === undefined) throw new ResourceExhausted(`${artifact.code.length} bytes of executable memory`);
    const code = new NativeCode(artifact, block, (gone) => this.unload(gone));
    this.loaded.add(code);
    if (this.keeper === undefined) {
      this.keeper = code;
      this.ranges.setAddress(24, code.trapExitAfterSignal);
      this.ranges.setAddress(16, this.codeMemory.end);
    }
    return code;
  }

  private unload(code: NativeCode): void {
    this.loaded.delete(code);
    if (code !== this.keeper && !this.disposed) this.codeMemory.release(code.block);
  }

  openStore(store: DataRegion, handler: HostHandler): { release(): void } {
    const stack = this.stacks.maybeTake();
    if (stack === undefined) throw new ResourceExhausted('a stack');
    const words = new Words(store);
    words.setAddress(storeContext.wasmStack, stack.top);
    words.setAddress(storeContext.stackLimit, stack.limit);
    words.setAddress(storeContext.hostCallback, this.hostCallback);
    this.stores.set(store.address, { words, handler, stack });
    return {
      release: () => {
        this.stores.delete(store.address);
        this.stacks.giveBack(stack);
      },
    };
  }

  call(entry: number, code: number, vmctx: number, block: DataRegion): CallEnd {
    const { list: outer } = this;
    this.list = undefined;
    try {
      const end = this.channel.call(entry, code, vmctx, block.address, (request) => this.onHostCall(request));
      if (end === 0) return returned;
    } catch (error) {
      if (!(error instanceof RunnerLost)) this.closeAfter(error);
      if (error.reason !== 'timeout') throw error;
      return tooLate;
    } finally {
      this.list = outer;
    }
    const { words, stack } = this.storeOf(vmctx) ?? bug('no open store has this context', `context ${vmctx}`);
    return endOfTrap(words, stack, this.codeAt(words.addressAt(storeContext.trapPc)));
  }

  callAll(calls: readonly CallRequest[]): CallEnd[] {
    const list = this.lists.pop() ?? this.newList();
    const { list: outer } = this;
    this.list = list;
    const count = Math.min(calls.length, list.records.length);
    try {
      calls.slice(0, count).forEach(({ entry, code, vmctx, block }, i) => {
        const record = list.records[i] ?? bug('a call list is too short');
        record.setAddress(callRecord.entry, entry);
        record.setAddress(callRecord.code, code);
        record.setAddress(callRecord.vmctx, vmctx);
        record.setAddress(callRecord.block, block.address);
        record.setAddress(callRecord.store, this.arena.addressAt(vmctx + vmctxHeader.store));
      });
      list.header.setU32(callList.remaining, count);
      list.stoppedAfter = undefined;
      list.count = count;
      return this.endsOf(calls, list, count);
    } finally {
      this.list = outer;
      this.lists.push(list);
    }
  }

  private endsOf(calls: readonly CallRequest[], list: CallList, count: number): CallEnd[] {
    const { region, header, records } = list;
    let isLate = false;
    try {
      this.channel.callAll(region.address, (request) => this.onHostCall(request));
    } catch (error) {
      if (!(error instanceof RunnerLost)) this.closeAfter(error);
      if (error.reason !== 'timeout') throw error;
      isLate = true;
    }
    const remaining = header.u32At(callList.remaining);
    if (!isLate && remaining !== 0) this.channel.lose('corrupted', `${remaining} calls remain of ${count}`);
    const begun = isLate ? Math.min(Math.max(count - remaining, 1), count) : (list.stoppedAfter ?? count);
    const ends: CallEnd[] = [];
    for (let i = 0; i < begun; i++) {
      const record = records[i] ?? bug('a call list is too short');
      if (isLate && i === begun - 1) ends.push(tooLate);
      else if (record.u32At(callRecord.result) === 0) ends.push(returned);
      else if (record.u32At(callRecord.result) !== 1) this.channel.lose('corrupted', `an entry trampoline answers ${record.u32At(callRecord.result)}`);
      else {
        const { stack } = this.storeOf(calls[i]?.vmctx ?? 0) ?? bug('no open store has this context');
        ends.push(endOfTrap(record, stack, this.codeAt(record.addressAt(callRecord.trapPc))));
      }
    }
    return ends;
  }

  private newList(): CallList {
    const region = this.allocate(callList.first + mostCallsAtOnce * callRecord.size);
    const records = Array.from({ length: mostCallsAtOnce }, (_, i) => new Words(region, callList.first + i * callRecord.size, callRecord.size));
    return { region, header: new Words(region, 0, callList.first), records, count: 0, stoppedAfter: undefined };
  }

  /** An error in the midst of the conversation, JavaScript's stack used up for instance, leaves it nowhere: the runner ends with it. */
  private closeAfter(error: unknown): never {
    this.channel.lost ??= new RunnerLost('ended', `the driver failed: ${String(error)}`);
    throw error;
  }

  private onHostCall({ context, block: blockAddress, number }: HostCallRequest): boolean {
    const store = this.storeOf(context);
    if (store === undefined || !store.stack.contains(blockAddress)) return this.channel.lose('corrupted', 'a host call from nowhere');
    const { words, handler, stack } = store;
    if (this.depth >= mostDepth) {
      words.setU32(storeContext.hostTrap, trapCodes.stackOverflow);
      return false;
    }
    this.depth++;
    try {
      const isDone = handler(context, { address: blockAddress, bytes: stack.bytesFrom(blockAddress) }, number);
      if (!isDone && words.u32At(storeContext.hostTrap) === trapCodes.hostError) this.stopList();
      return isDone;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      words.setU32(storeContext.hostTrap, trapCodes.stackOverflow);
      return false;
    } finally {
      this.depth--;
    }
  }

  /** Nothing runs after a call that the host's own error ends: the host is told first. */
  private stopList(): void {
    const { list } = this;
    if (list === undefined) return;
    list.stoppedAfter = list.count - list.header.u32At(callList.remaining);
    list.header.setU32(callList.remaining, 0);
  }

  private storeOf(context: number): OpenStore | undefined {
    const store = this.arena.maybeAddressAt(context + vmctxHeader.store);
    return store === undefined ? undefined : this.stores.get(store);
  }

  maybePlaceOf(pc: number): CodePlace | undefined {
    return this.codeAt(pc)?.placeOf(pc);
  }

  private codeAt(pc: number): NativeCode | undefined {
    for (const code of this.loaded) if (code.contains(pc)) return code;
    return this.keeper?.contains(pc) === true ? this.keeper : undefined;
  }

  dispose(): void {
    if (this.stores.size > 0) bug('a processor is disposed of while stores are open on it');
    if (this.disposed) return;
    this.disposed = true;
    this.channel.close();
    this.memory.dispose();
  }
}

const returned: CallEnd = { end: 'returned' };
const tooLate: CallEnd = { end: 'trapped', trap: trapCodes.outOfFuel, origin: -1, address: undefined };

/** Starts a runner. Throws where `whyNoRunner` says why. */
export function openRunner(target: TargetName, options: RunnerOptions = {}): Runner {
  return new RunnerProcessor(target, options);
}

/** By target and time-out. */
const current = new Map<string, Runner>();
const lost = new Set<Runner>();

/**
 * The runner of this target that all of this thread's stores with this time-out (milliseconds) share; another one after it was lost. Lost ones are disposed
 * of once their stores are gone.
 */
export function threadRunner(target: TargetName, timeout: number = defaultTimeout): Runner {
  for (const runner of lost) {
    if (!runner.idle) continue;
    runner.dispose();
    lost.delete(runner);
  }
  const key = `${target} ${timeout}`;
  let runner = current.get(key);
  if (runner !== undefined && runner.lost === undefined) return runner;
  if (runner !== undefined) lost.add(runner);
  current.set(key, (runner = openRunner(target, { timeout })));
  return runner;
}
