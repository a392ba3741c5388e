// One instance of a module: its vmctx and definitions in one block, filled from the manifest and the linked imports
// (standard, 4.5.4 "Instantiation"; layout in contract/vmctx.ts).
// Making it has three steps, so that whoever holds the store can register the instance between them:
//   construct: everything allocated and filled, globals and tables initialised   → nothing can trap
//   applySegments: active element segments, then data segments, in order         → may trap, keeping what was written
//   start function                                                                → called by the store

import type { ElementSegment, Export, GlobalType } from '../contract/manifest.ts';
import type { DataRegion } from '../contract/processor.ts';
import type { TrapName } from '../contract/traps.ts';
import { functionDescriptor, functionEntry, memoryDefinition, memoryEntry, tableDefinition, tableEntry, vmctxHeader, vmctxMagic } from '../contract/vmctx.ts';
import { libcalls } from '../contract/libcalls.ts';
import { bug, unreachable } from '../base/errors.ts';
import { slotsOf, Words, type Slots } from './cells.ts';
import { evaluateConstant, type ConstantScope } from './constant-expressions.ts';
import { RuntimeFunction, RuntimeGlobal, type RuntimeMemory, type RuntimeTable, type RuntimeExtern } from './externs.ts';
import type { LoadedModule } from './module.ts';

/** What an instance needs from its store. */
export interface InstanceHost {
  readonly contextAddress: number;
  readonly stackLimit: number;
  allocate(byteLength: number): DataRegion;
  signatureNumber(key: string): number;
  /** Makes a memory or table whose definition is at `offset` of `words`. Throws `ResourceExhausted`. */
  defineMemory(limits: RuntimeMemory['limits'], words: Words, offset: number): RuntimeMemory;
  defineTable(type: RuntimeTable['type'], words: Words, offset: number): RuntimeTable;
  /** Registers a function under its descriptor. */
  registerFunction(made: RuntimeFunction): void;
  /** Code address behind a host function of this signature. */
  hostCode(key: string): number;
}

const libcallCount = Object.keys(libcalls).length;

export class Instance implements ConstantScope {
  readonly number: number;
  readonly module: LoadedModule;
  readonly region: DataRegion;
  /** Address of its vmctx. */
  readonly vmctx: number;
  readonly memories: readonly RuntimeMemory[];
  readonly tables: readonly RuntimeTable[];
  /** Segments that are dropped: declarative ones, active ones once applied, and those dropped by an instruction. */
  private readonly droppedElements: boolean[];
  private readonly droppedData: boolean[];
  private readonly elementValues: (readonly number[] | undefined)[];
  private readonly host: InstanceHost;
  private readonly words: Words;
  private readonly slots: Slots;
  private readonly functions: (RuntimeFunction | undefined)[];
  private readonly globals: (RuntimeGlobal | undefined)[];

  constructor(number: number, module: LoadedModule, linked: readonly RuntimeExtern[], host: InstanceHost) {
    const { manifest } = module;
    this.number = number;
    this.module = module;
    this.host = host;
    this.region = host.allocate(module.instanceBytes);
    this.vmctx = this.region.address;
    this.words = new Words(this.region);
    this.slots = slotsOf(this.region);
    this.functions = new Array<undefined>(manifest.functions.length).fill(undefined);
    this.globals = new Array<undefined>(manifest.globals.length).fill(undefined);
    this.droppedElements = manifest.elements.map(({ mode }) => mode.mode === 'declarative');
    this.droppedData = manifest.data.map(() => false);
    this.elementValues = manifest.elements.map(() => undefined);
    const memories: RuntimeMemory[] = [];
    const tables: RuntimeTable[] = [];
    this.memories = memories;
    this.tables = tables;
    this.fillHeader();
    let functions = 0;
    let globals = 0;
    for (const found of linked) {
      if (found.kind === 'function') this.importFunction(functions++, found);
      else if (found.kind === 'global') this.importGlobal(globals++, found);
      else if (found.kind === 'memory') memories.push(found);
      else tables.push(found);
    }
    this.fillDescriptors();
    manifest.memories.slice(manifest.importedMemories).forEach((limits, i) => {
      memories.push(host.defineMemory(limits, this.words, module.memoryDefinitions + i * memoryDefinition.size));
    });
    manifest.tables.slice(manifest.importedTables).forEach((type, i) => {
      tables.push(host.defineTable(type, this.words, module.tableDefinitions + i * tableDefinition.size));
    });
    memories.forEach((memory, i) => this.fillEntry(module.layout.memory(i), memoryEntry, memory));
    tables.forEach((table, i) => this.fillEntry(module.layout.table(i), tableEntry, table));
    this.initialiseGlobals();
    this.initialiseTables();
  }

  private fillHeader(): void {
    const { words, module, host } = this;
    words.setAddress(vmctxHeader.magic, Number(vmctxMagic));
    words.setAddress(vmctxHeader.store, host.contextAddress);
    words.setAddress(vmctxHeader.stackLimit, host.stackLimit);
    words.setAddress(vmctxHeader.trapExit, module.code.trapExit);
    words.setAddress(vmctxHeader.instance, this.number);
    for (let number = 0; number < libcallCount; number++) words.setAddress(module.layout.libcall(number), module.code.libcallTrampoline(number));
    module.typeKeys.forEach((key, type) => words.setAddress(module.layout.signature(type), host.signatureNumber(key)));
  }

  private fillEntry(offset: number, entry: { readonly base: number; readonly definition: number }, made: RuntimeMemory | RuntimeTable): void {
    this.words.setAddress(offset + entry.base, made.base);
    this.words.setAddress(offset + entry.definition, made.definition);
  }

  private importFunction(index: number, found: RuntimeFunction): void {
    const { words, module, host } = this;
    const { target } = found;
    const offset = module.layout.importedFunction(index);
    this.functions[index] = found;
    words.setAddress(offset + functionEntry.code, target.kind === 'host' ? host.hostCode(module.typeKeys[module.manifest.functions[index] ?? -1] ?? '') : target.code);
    words.setAddress(offset + functionEntry.vmctx, target.kind === 'host' ? target.context : target.vmctx);
    words.setAddress(module.layout.functionReference(index), found.descriptor);
  }

  private importGlobal(index: number, found: RuntimeGlobal): void {
    this.globals[index] = found;
    this.words.setAddress(this.module.layout.global(index).offset, found.address);
  }

  private fillDescriptors(): void {
    const { words, module, host } = this;
    module.referenced.forEach((index, i) => {
      const type = module.manifest.functions[index] ?? -1;
      const offset = module.descriptors + i * functionDescriptor.size;
      words.setAddress(offset + functionDescriptor.code, module.code.functionAddress(index));
      words.setAddress(offset + functionDescriptor.vmctx, this.vmctx);
      words.setAddress(offset + functionDescriptor.signature, host.signatureNumber(module.typeKeys[type] ?? ''));
      words.setAddress(module.layout.functionReference(index), this.vmctx + offset);
    });
  }

  private initialiseGlobals(): void {
    const { manifest, layout } = this.module;
    manifest.globalInits.forEach((init, i) => {
      const { offset } = layout.global(manifest.importedGlobals + i);
      this.slots.setI64(this.region.bytes.byteOffset + offset, evaluateConstant(init, this));
    });
  }

  private initialiseTables(): void {
    const { manifest } = this.module;
    manifest.tableInits.forEach((init, i) => {
      if (init === undefined) return;
      const table = this.table(manifest.importedTables + i);
      table.fill(0, Number(evaluateConstant(init, this)), table.length);
    });
  }

  /** Applies active segments; answers the trap that stopped it. */
  applySegments(): TrapName | undefined {
    const { elements, data } = this.module.manifest;
    for (let i = 0; i < elements.length; i++) {
      const { mode, items } = elements[i] ?? bug('element segment out of range');
      if (mode.mode !== 'active') continue;
      const trap = this.initTable(mode.target, i, Number(evaluateConstant(mode.offset, this)), 0, items.length);
      if (trap !== undefined) return trap;
      this.dropElement(i);
    }
    for (let i = 0; i < data.length; i++) {
      const { mode, bytes } = data[i] ?? bug('data segment out of range');
      if (mode.mode !== 'active') continue;
      const trap = this.initMemory(mode.target, i, Number(evaluateConstant(mode.offset, this)), 0, bytes.length);
      if (trap !== undefined) return trap;
      this.dropData(i);
    }
    return undefined;
  }

  /** `table.init`; numbers are unsigned. */
  initTable(tableIndex: number, segment: number, to: number, from: number, count: number): TrapName | undefined {
    const table = this.table(tableIndex);
    const available = this.droppedElements[segment] === true ? 0 : this.elementSegment(segment).items.length;
    if (from + count > available || to + count > table.length) return 'outOfBoundsTableAccess';
    if (count === 0) return undefined;
    const values = this.elementsOf(segment);
    for (let i = 0; i < count; i++) table.set(to + i, values[from + i] ?? 0);
    return undefined;
  }

  /** `memory.init`; numbers are unsigned. */
  initMemory(memoryIndex: number, segment: number, to: number, from: number, count: number): TrapName | undefined {
    const memory = this.memory(memoryIndex);
    const bytes = this.module.manifest.data[segment]?.bytes ?? bug('data segment out of range', `data ${segment}`);
    const available = this.droppedData[segment] === true ? 0 : bytes.length;
    if (from + count > available || to + count > memory.byteLength) return 'outOfBoundsMemoryAccess';
    if (count > 0) memory.bytes.set(bytes.subarray(from, from + count), to);
    return undefined;
  }

  dropElement(segment: number): void {
    this.droppedElements[segment] = true;
    this.elementValues[segment] = undefined;
  }

  dropData(segment: number): void {
    this.droppedData[segment] = true;
  }

  private elementSegment(segment: number): ElementSegment {
    return this.module.manifest.elements[segment] ?? bug('element segment out of range', `element ${segment}`);
  }

  /** References in a segment. Its expressions read only what never changes, so evaluating them late changes nothing. */
  private elementsOf(segment: number): readonly number[] {
    return (this.elementValues[segment] ??= this.elementSegment(segment).items.map((item) => Number(evaluateConstant(item, this))));
  }

  memory(index: number): RuntimeMemory {
    return this.memories[index] ?? bug('memory index out of range', `memory ${index}`);
  }

  table(index: number): RuntimeTable {
    return this.tables[index] ?? bug('table index out of range', `table ${index}`);
  }

  global(index: number): RuntimeGlobal {
    return (this.globals[index] ??= this.makeGlobal(index));
  }

  private makeGlobal(index: number): RuntimeGlobal {
    const { manifest, layout } = this.module;
    const type: GlobalType = manifest.globals[index] ?? bug('global index out of range', `global ${index}`);
    const { offset } = layout.global(index);
    return new RuntimeGlobal(type, this.vmctx + offset, this.slots, this.region.bytes.byteOffset + offset);
  }

  globalBits(index: number): bigint {
    const global = this.global(index);
    return global.slots.u64(global.at);
  }

  /** Function `index`, imported or one that a reference can name, or the start function. */
  function(index: number): RuntimeFunction {
    const known = this.functions[index];
    if (known !== undefined) return known;
    const { module } = this;
    const type = module.manifest.functions[index] ?? bug('function index out of range', `function ${index}`);
    const made = new RuntimeFunction(module.functionType(index), this.functionReference(index), {
      kind: 'compiled',
      entry: module.code.entryAddress(module.signatureOfType(type)),
      code: module.code.functionAddress(index),
      vmctx: this.vmctx,
    });
    this.functions[index] = made;
    if (made.descriptor !== 0) this.host.registerFunction(made);
    return made;
  }

  functionReference(index: number): number {
    return this.words.addressAt(this.module.layout.functionReference(index));
  }

  /** The function whose descriptor is at `address`, which lies in this instance's block. */
  functionOfDescriptor(address: number): RuntimeFunction {
    const position = (address - this.vmctx - this.module.descriptors) / functionDescriptor.size;
    return this.function(this.module.referenced[position] ?? bug('no function has this descriptor', `address ${address}`));
  }

  /** Index in this module's function space of a descriptor, if it is there. */
  maybeIndexOfDescriptor(address: number): number | undefined {
    const { manifest } = this.module;
    for (let index = 0; index < manifest.importedFunctions; index++) if (this.functionReference(index) === address) return index;
    const position = (address - this.vmctx - this.module.descriptors) / functionDescriptor.size;
    return address >= this.vmctx ? this.module.referenced[position] : undefined;
  }

  extern({ kind, index }: Export): RuntimeExtern {
    switch (kind) {
      case 'function': return this.function(index);
      case 'memory': return this.memory(index);
      case 'table': return this.table(index);
      case 'global': return this.global(index);
      default: return unreachable(kind);
    }
  }
}
