// A store: one isolated world of instances that may share functions, memories, tables and globals (standard, 4.2.3 "Store").
// It owns the store context through which compiled code reaches the host, interns signatures (equal types, equal numbers), holds external
// references behind handles for as long as it lives, and turns what a processor says of a call into an outcome.
//
// Errors of host functions never cross compiled frames: the callback handler keeps the error and answers "failed", compiled code leaves
// through its trap exit, and `enter` throws the same error object again.

import type { FunctionType, GlobalType, Limits, TableType } from '../contract/manifest.ts';
import type { CallEnd, CallRequest, DataRegion, Processor } from '../contract/processor.ts';
import { trapCodes, trapNameOf, type TrapName } from '../contract/traps.ts';
import {
  argumentSlot, functionDescriptor, globalCell, hostContext, memoryDefinition, memoryReservation, storeContext, tableDefinition, vmctxMagic,
} from '../contract/vmctx.ts';
import { bug } from '../base/errors.ts';
import { slotsOf, Words, type Slots } from './cells.ts';
import { RuntimeFunction, RuntimeGlobal, RuntimeMemory, RuntimeTable, mostPages, pageBytes, type HostCall, type HostTarget } from './externs.ts';
import { ResourceExhausted, UnknownFault } from './faults.ts';
import { Instance, type InstanceHost } from './instance.ts';
import { linkImports, type ImportSource, type LinkFault } from './link.ts';
import { runLibcall } from './libcalls.ts';
import { signatureKey, type LoadedModule } from './module.ts';

/** How a call into compiled code ended. `origin` is a wasm byte offset, or -1 where none is known. */
export type CallOutcome =
  | { readonly kind: 'returned' }
  | { readonly kind: 'trap'; readonly trap: TrapName; readonly origin: number; readonly address: number | undefined }
  | { readonly kind: 'exhaustion'; readonly what: 'stack' | 'fuel' | 'memory' };

/** What came of one call of several; `threw` holds what a host function threw, or a fault. */
export type CallResult = CallOutcome | { readonly kind: 'threw'; readonly error: unknown };

/** A function and the block with its parameters. */
export interface PreparedCall {
  readonly callee: RuntimeFunction;
  readonly block: ArgumentBlock;
}

export type InstantiateOutcome =
  | { readonly kind: 'instance'; readonly instance: Instance }
  | { readonly kind: 'link'; readonly fault: LinkFault }
  /** An active segment or the start function stopped it; what it wrote before stays. */
  | { readonly kind: 'stopped'; readonly outcome: Exclude<CallOutcome, { readonly kind: 'returned' }> };

export interface StoreBudget {
  /** Pages one memory may have; growing beyond answers -1. */
  readonly memoryPages: number;
  /** Elements one table may have. */
  readonly tableElements: number;
}

const defaultBudget: StoreBudget = { memoryPages: mostPages, tableElements: 10_000_000 };
const returned = { kind: 'returned' } as const;
const smallBlockSlots = 32;

/** Where one call's parameters and results lie: slot `i` at byte `start + 16 * i` of the buffer of `slots`. */
export interface ArgumentBlock {
  readonly region: DataRegion;
  readonly slots: Slots;
  readonly start: number;
}

export class Store implements InstanceHost {
  readonly processor: Processor;
  readonly budget: StoreBudget;
  private readonly context: DataRegion;
  private readonly contextWords: Words;
  private readonly opened: { release(): void };
  private readonly signatures = new Map<string, number>();
  private readonly hostCodes = new Map<string, number>();
  private readonly hostFunctions: RuntimeFunction[] = [];
  private readonly hostDescriptors: Words[] = [];
  private readonly hostByContext = new Map<number, HostTarget>();
  private readonly instances: Instance[] = [];
  private readonly instanceByVmctx = new Map<number, Instance>();
  private readonly functionByDescriptor = new Map<number, RuntimeFunction>();
  private readonly modules = new Set<LoadedModule>();
  private readonly memories: RuntimeMemory[] = [];
  private readonly tables: RuntimeTable[] = [];
  private readonly regions: DataRegion[] = [];
  private readonly externals: unknown[] = [undefined];
  private readonly handles = new Map<unknown, number>();
  private readonly blocks: ArgumentBlock[] = [];
  private depth = 0;
  private hostError: { readonly error: unknown } | undefined = undefined;
  private disposed = false;

  constructor(processor: Processor, budget: Partial<StoreBudget> = {}) {
    this.processor = processor;
    this.budget = { ...defaultBudget, ...budget };
    this.context = this.allocate(storeContext.size);
    this.contextWords = new Words(this.context);
    this.fuel = Number.MAX_SAFE_INTEGER;
    this.opened = processor.openStore(this.context, (context, block, number) => this.onHostCall(context, block, number));
  }

  get contextAddress(): number {
    return this.context.address;
  }

  /** Wasm instructions that code which counts them may still execute (compile option `fuel`); more than any program needs unless it is set. */
  get fuel(): number {
    const left = this.contextWords.addressAt(storeContext.fuel);
    // Read as unsigned; negative once it has run out.
    return left >= 2 ** 63 ? 0 : left;
  }
  set fuel(instructions: number) {
    this.contextWords.setAddress(storeContext.fuel, instructions);
  }

  get stackLimit(): number {
    return this.contextWords.addressAt(storeContext.stackLimit);
  }

  allocate(byteLength: number): DataRegion {
    const region = this.processor.allocate(byteLength);
    this.regions.push(region);
    return region;
  }

  signatureNumber(key: string): number {
    let number = this.signatures.get(key);
    if (number === undefined) this.signatures.set(key, (number = this.signatures.size + 1));
    return number;
  }

  // ---- external references

  /** The handle of a host value: equal values (as `Map` keys) have equal handles; `null` is 0. */
  handleOf(value: unknown): number {
    if (value === null) return 0;
    let handle = this.handles.get(value);
    if (handle === undefined) {
      handle = this.externals.push(value) - 1;
      this.handles.set(value, handle);
    }
    return handle;
  }

  externalOf(handle: number): unknown {
    if (handle === 0) return null;
    if (handle >= this.externals.length) bug('compiled code answers an external reference that nobody made', `handle ${handle}`);
    return this.externals[handle];
  }

  // ---- functions

  registerFunction(made: RuntimeFunction): void {
    this.functionByDescriptor.set(made.descriptor, made);
  }

  /** The function a reference names, or null. */
  functionOf(reference: number): RuntimeFunction | null {
    if (reference === 0) return null;
    const known = this.functionByDescriptor.get(reference);
    if (known !== undefined) return known;
    for (const instance of this.instances) {
      if (reference >= instance.vmctx && reference < instance.vmctx + instance.module.instanceBytes) return instance.functionOfDescriptor(reference);
    }
    return bug('compiled code answers a function reference that nobody made', `address ${reference}`);
  }

  /** A host function as compiled code can call it; `call` may throw, and the same error leaves the outermost call. */
  newHostFunction(type: FunctionType, call: HostCall): RuntimeFunction {
    const region = this.allocate(hostContext.size + functionDescriptor.size);
    const context = new Words(region, 0, hostContext.size);
    const descriptor = new Words(region, hostContext.size, functionDescriptor.size);
    const number = this.hostFunctions.length;
    context.setAddress(hostContext.magic, Number(vmctxMagic));
    context.setAddress(hostContext.store, this.contextAddress);
    context.setAddress(hostContext.function, number);
    const key = signatureKey(type);
    descriptor.setAddress(functionDescriptor.code, this.hostCodes.get(key) ?? 0);
    descriptor.setAddress(functionDescriptor.vmctx, region.address);
    descriptor.setAddress(functionDescriptor.signature, this.signatureNumber(key));
    const target: HostTarget = { kind: 'host', number, context: region.address, call };
    const made = new RuntimeFunction(type, descriptor.address, target);
    this.hostFunctions.push(made);
    this.hostDescriptors.push(descriptor);
    this.hostByContext.set(region.address, target);
    this.registerFunction(made);
    return made;
  }

  hostCode(key: string): number {
    return this.hostCodes.get(key) ?? bug('no module of this store can call a host function of this type', key);
  }

  /**
   * Makes the module's trampolines reachable. A host function's descriptor may lie in tables before any module that could call it exists;
   * each caller of a type brings the trampoline of that type, so descriptors are completed when the first such module arrives.
   */
  private adopt(module: LoadedModule): void {
    if (this.modules.has(module)) return;
    module.retain();
    this.modules.add(module);
    this.contextWords.setAddress(storeContext.trapExit, module.code.trapExit);
    module.typeKeys.forEach((key, type) => {
      if (this.hostCodes.has(key)) return;
      const code = module.code.hostTrampoline(module.signatureOfType(type));
      this.hostCodes.set(key, code);
      this.hostFunctions.forEach((made, number) => {
        if (signatureKey(made.type) === key) this.hostDescriptors[number]?.setAddress(functionDescriptor.code, code);
      });
    });
  }

  // ---- memories, tables, globals

  defineMemory(limits: Limits, words: Words, offset: number): RuntimeMemory {
    if (limits.min > this.budget.memoryPages) throw new ResourceExhausted(`a memory of ${limits.min} pages`);
    const reservation = this.processor.reserve(memoryReservation, limits.min * pageBytes);
    if (!reservation.commit(limits.min * pageBytes)) {
      reservation.release();
      throw new ResourceExhausted(`a memory of ${limits.min} pages`);
    }
    words.setAddress(offset, limits.min * pageBytes);
    const memory = new RuntimeMemory(limits, reservation, words, offset, this.budget.memoryPages);
    this.memories.push(memory);
    return memory;
  }

  defineTable(type: TableType, words: Words, offset: number): RuntimeTable {
    const most = Math.min(type.max ?? this.budget.tableElements, this.budget.tableElements);
    if (type.min > this.budget.tableElements) throw new ResourceExhausted(`a table of ${type.min} elements`);
    const reservation = this.processor.reserve(Math.max(most, type.min, 1) * 8, type.min * 8);
    if (!reservation.commit(type.min * 8)) {
      reservation.release();
      throw new ResourceExhausted(`a table of ${type.min} elements`);
    }
    words.setAddress(offset, type.min);
    const table = new RuntimeTable(type, reservation, words, offset, this.budget.tableElements);
    this.tables.push(table);
    return table;
  }

  newMemory(limits: Limits): RuntimeMemory {
    return this.defineMemory(limits, new Words(this.allocate(memoryDefinition.size)), 0);
  }

  newTable(type: TableType, init: number): RuntimeTable {
    const table = this.defineTable(type, new Words(this.allocate(tableDefinition.size)), 0);
    if (init !== 0) table.fill(0, init, table.length);
    return table;
  }

  /** A global of the host; write its value through its slots. */
  newGlobal(type: GlobalType): RuntimeGlobal {
    const region = this.allocate(globalCell);
    return new RuntimeGlobal(type, region.address, slotsOf(region), region.bytes.byteOffset);
  }

  // ---- instances and calls

  instantiate(module: LoadedModule, source: ImportSource): InstantiateOutcome {
    const imports = linkImports(module.manifest, source);
    if (imports.linked === undefined) return { kind: 'link', fault: imports.fault };
    this.adopt(module);
    let instance: Instance;
    try {
      instance = new Instance(this.instances.length, module, imports.linked, this);
    } catch (error) {
      if (error instanceof ResourceExhausted) return { kind: 'stopped', outcome: { kind: 'exhaustion', what: 'memory' } };
      throw error;
    }
    this.instances.push(instance);
    this.instanceByVmctx.set(instance.vmctx, instance);
    const trap = instance.applySegments();
    if (trap !== undefined) return { kind: 'stopped', outcome: { kind: 'trap', trap, origin: -1, address: undefined } };
    const { start } = module.manifest;
    if (start !== undefined) {
      const block = this.openBlock(0);
      try {
        const outcome = this.enter(instance.function(start), block);
        if (outcome.kind !== 'returned') return { kind: 'stopped', outcome };
      } finally {
        this.closeBlock();
      }
    }
    return { kind: 'instance', instance };
  }

  /** A block for one call, to be closed after it; blocks nest like the calls. */
  openBlock(slotCount: number): ArgumentBlock {
    const depth = this.depth++;
    const known = this.blocks[depth];
    if (known !== undefined && slotCount * argumentSlot <= known.region.bytes.byteLength) return known;
    const region = this.allocate(Math.max(slotCount, smallBlockSlots) * argumentSlot);
    const block: ArgumentBlock = { region, slots: slotsOf(region), start: region.bytes.byteOffset };
    this.blocks[depth] = block;
    return block;
  }

  closeBlock(): void {
    this.depth--;
  }

  /** Calls `callee` with the parameters in `block` and leaves the results there. Throws what a host function threw. */
  enter(callee: RuntimeFunction, block: ArgumentBlock): CallOutcome {
    if (this.disposed) bug('a call into a store that was disposed of');
    const { target } = callee;
    if (target.kind === 'host') {
      target.call(block.slots, block.start);
      return returned;
    }
    return this.outcomeOf(this.processor.call(target.entry, target.code, target.vmctx, block.region));
  }

  /** Whether several calls at once cost less than one by one. */
  get takesSeveral(): boolean {
    return this.processor.callAll !== undefined;
  }

  /** Makes calls one after the other, up to the first that exhausts something or throws; each needs a block of its own. */
  enterAll(calls: readonly PreparedCall[]): CallResult[] {
    const results: CallResult[] = [];
    const add = (outcome: () => CallOutcome): boolean => {
      try {
        const result = outcome();
        results.push(result);
        return result.kind !== 'exhaustion';
      } catch (error) {
        results.push({ kind: 'threw', error });
        return false;
      }
    };
    while (results.length < calls.length) {
      const done = results.length;
      const requests = this.requestsOf(calls, done);
      if (requests.length === 0) {
        const next = calls[done];
        if (next === undefined || !add(() => this.enter(next.callee, next.block))) return results;
        continue;
      }
      if (this.disposed) bug('a call into a store that was disposed of');
      for (const end of this.processor.callAll?.(requests) ?? []) if (!add(() => this.outcomeOf(end))) return results;
      if (results.length === done) bug('a processor that makes several calls made none');
    }
    return results;
  }

  /** The calls from `first` on that the processor can make by itself; host functions are called from here. */
  private requestsOf(calls: readonly PreparedCall[], first: number): CallRequest[] {
    const requests: CallRequest[] = [];
    if (!this.takesSeveral) return requests;
    for (let i = first; i < calls.length; i++) {
      const call = calls[i];
      if (call?.callee.target.kind !== 'compiled') break;
      const { entry, code, vmctx } = call.callee.target;
      requests.push({ entry, code, vmctx, block: call.block.region });
    }
    return requests;
  }

  private outcomeOf(end: CallEnd): CallOutcome {
    if (end.end === 'returned') return returned;
    if (end.trap === trapCodes.hostError) {
      const held = this.hostError ?? bug('compiled code reports a host error but none is held');
      this.hostError = undefined;
      throw held.error;
    }
    if (end.trap === trapCodes.stackOverflow) return { kind: 'exhaustion', what: 'stack' };
    if (end.trap === trapCodes.outOfFuel) return { kind: 'exhaustion', what: 'fuel' };
    const trap = trapNameOf(end.trap);
    if (trap === undefined || trap === 'none') return bug('compiled code ended by an unknown trap code', `code ${end.trap}`);
    if (end.address !== undefined && !this.guards(end.address)) {
      const pc = end.pc ?? 0;
      const why = `a trap at wasm offset ${end.origin} touched an address outside the memories of its store`;
      throw new UnknownFault(why, { pc, address: end.address, signal: 0 }, this.processor.maybePlaceOf?.(pc));
    }
    return { kind: 'trap', trap, origin: end.origin, address: end.address };
  }

  private onHostCall(context: number, block: DataRegion, number: number): boolean {
    try {
      const slots = slotsOf(block);
      const start = block.bytes.byteOffset;
      if (number < 0) {
        const target = this.hostByContext.get(context) ?? bug('compiled code calls a host function that nobody made', `context ${context}`);
        target.call(slots, start);
        return true;
      }
      const instance = this.instanceByVmctx.get(context) ?? bug('compiled code makes a library call with a foreign vmctx', `vmctx ${context}`);
      const trap = runLibcall(instance, number, slots, start);
      if (trap === undefined) return true;
      this.contextWords.setAddress(storeContext.hostTrap, trapCodes[trap]);
    } catch (error) {
      this.hostError = { error };
      this.contextWords.setAddress(storeContext.hostTrap, trapCodes.hostError);
    }
    return false;
  }

  /** True if compiled code that misses a memory of this store may fault at `address`. */
  guards(address: number): boolean {
    return this.memories.some((memory) => memory.guards(address));
  }

  /** Frees everything the store made; no call of it may be running. */
  dispose(): void {
    if (this.disposed) return;
    if (this.depth !== 0) bug('a store is disposed of during one of its calls');
    this.disposed = true;
    this.opened.release();
    for (const memory of this.memories) memory.release();
    for (const table of this.tables) table.release();
    for (const region of this.regions) this.processor.free(region);
    for (const module of this.modules) module.release();
  }
}
