// A module and the calls planned for it, as one module that needs nobody: no imports, and only exported functions without parameters.
// Foreign interpreters that are programs of their own run all exports of a module in order and print what each returns; so everything that counts as
// behaviour must be an export's result.
//
// - An import becomes a definition of the same type at the same index. A function mixes its arguments into a counter and makes its results of that.
// - A planned call becomes an export `c0007`: refuel, constants, the call. Its results are integers: floats by their bits, NaNs as the canonical one, vectors
//   as two halves, references as whether they are null. The first is returned, the others are left in globals and read by exports `c0007_1`, `c0007_2`.
// - State becomes exports behind the calls: every global of a number type, and the first bytes of each memory, folded.
//
// The format is the standard's, chapter 5; the input is trusted to be valid.

import { ByteWriter, moduleHeader, sectionIds, written } from '../../generate/writer.ts';
import type { InterfaceFunctionType, ModuleInterface } from '../module-interface.ts';
import type { Plan } from '../observe.ts';
import type { Value } from '../value.ts';

/** Bytes of each memory that are folded; a power of two. */
const foldedBytes = 2048;

const i32 = 0x7f;
const i64 = 0x7e;
const typeBytes: Readonly<Record<string, number>> = { i32, i64, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f };

const code = {
  block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, brIf: 0x0d, call: 0x10, drop: 0x1a, localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24,
  i64Load: 0x29, i32Const: 0x41, i64Const: 0x42, f32Const: 0x43, f64Const: 0x44, i32LtU: 0x49, f32Eq: 0x5b, f64Eq: 0x61, i32Add: 0x6a, i32Mul: 0x6c, i32Xor: 0x73, i32Rotl: 0x77,
  i64Xor: 0x85, i64ShrU: 0x88, i64Rotl: 0x89, i32WrapI64: 0xa7, i64ExtendI32U: 0xad, f32ConvertI32S: 0xb2, f64ConvertI32S: 0xb7,
  i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd, refNull: 0xd0, refIsNull: 0xd1, simd: 0xfd,
} as const;
const simd = { const: 12, i32x4Splat: 17, i64x2ExtractLane: 29 } as const;
const emptyBlock = 0x40;

/** Why a module cannot stand alone. */
export class NotStandalone extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotStandalone';
  }
}

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

function readU32(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let next = at; ; ) {
    const byte = bytes[next++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next };
    scale *= 128;
  }
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at] ?? 0;
    const { value: size, next } = readU32(bytes, at + 1);
    sections.push({ id, body: bytes.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

/** A vector section's elements as they stand, with others before and behind them. */
function grown(old: Uint8Array | undefined, before: readonly Uint8Array[], behind: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter();
  const { value: count, next } = old === undefined ? { value: 0, next: 0 } : readU32(old, 0);
  out.u32(count + before.length + behind.length);
  for (const element of before) out.bytes(element);
  if (old !== undefined) out.bytes(old.subarray(next));
  for (const element of behind) out.bytes(element);
  return out.copy();
}

function typeByte(type: string): number {
  const byte = typeBytes[type];
  if (byte === undefined) throw new NotStandalone(`a value of type ${type} at its outside`);
  return byte;
}

/** Whether writeIntegers needs a local for a value of the type. */
const needsScratch = (type: string): boolean => type === 'f32' || type === 'f64' || type === 'v128';

const isReference = (type: string): boolean => !['i32', 'i64', 'f32', 'f64', 'v128'].includes(type);

/** Writes the value of an argument or of an imported global. */
function writeValue(out: ByteWriter, value: Value, type: string): void {
  switch (value.type) {
    case 'i32':
      out.u8(code.i32Const);
      out.s32(value.bits);
      return;
    case 'i64':
      out.u8(code.i64Const);
      out.s64(Number(BigInt.asIntN(32, value.bits)), Number(BigInt.asIntN(32, value.bits >> 32n)));
      return;
    case 'f32':
      out.u8(code.f32Const);
      out.fixed32(value.bits);
      return;
    case 'f64':
      out.u8(code.f64Const);
      for (const shift of [0n, 32n]) out.fixed32(Number(BigInt.asUintN(32, value.bits >> shift)));
      return;
    case 'v128':
      out.u8(code.simd);
      out.u32(simd.const);
      for (const shift of [0n, 32n, 64n, 96n]) out.fixed32(Number(BigInt.asUintN(32, value.bits >> shift)));
      return;
    case 'ref':
      if (value.kind !== 'null') throw new NotStandalone('a host reference as an argument');
      out.u8(code.refNull);
      out.u8(typeByte(type));
  }
}

/** From a value on the stack to integers: one, or two for a vector; `scratch` is a local of the value's type where that needs one. */
function writeIntegers(out: ByteWriter, type: string, scratch: number): readonly ('i32' | 'i64')[] {
  const get = (): void => {
    out.u8(code.localGet);
    out.u32(scratch);
  };
  const canonical = (equal: number, reinterpret: number, block: number, writeNaN: () => void): void => {
    out.u8(code.localSet);
    out.u32(scratch);
    get();
    get();
    out.u8(equal);
    out.u8(code.if);
    out.u8(block);
    get();
    out.u8(reinterpret);
    out.u8(code.else);
    writeNaN();
    out.u8(code.end);
  };
  switch (type) {
    case 'i32': return ['i32'];
    case 'i64': return ['i64'];
    case 'f32':
      canonical(code.f32Eq, code.i32ReinterpretF32, i32, () => {
        out.u8(code.i32Const);
        out.s32(0x7fc00000);
      });
      return ['i32'];
    case 'f64':
      canonical(code.f64Eq, code.i64ReinterpretF64, i64, () => {
        out.u8(code.i64Const);
        out.s64(0, 0x7ff80000);
      });
      return ['i64'];
    case 'v128':
      out.u8(code.localSet);
      out.u32(scratch);
      for (const lane of [0, 1]) {
        get();
        out.u8(code.simd);
        out.u32(simd.i64x2ExtractLane);
        out.u8(lane);
      }
      return ['i64', 'i64'];
    default:
      out.u8(code.refIsNull);
      return ['i32'];
  }
}

/** What is added to a module: types, functions and globals behind its own, and exports of them. */
class Additions {
  readonly types: Uint8Array[] = [];
  readonly functionTypes: Uint8Array[] = [];
  readonly bodies: Uint8Array[] = [];
  readonly globals: Uint8Array[] = [];
  readonly exports: { readonly name: string; readonly index: number }[] = [];
  private readonly shape: ModuleInterface;
  private readonly typeOfResult = new Map<string, number>();

  constructor(shape: ModuleInterface) {
    this.shape = shape;
  }

  /** A mutable global, zero at first. */
  global(type: 'i32' | 'i64'): number {
    this.globals.push(type === 'i32' ? Uint8Array.of(i32, 1, code.i32Const, 0, code.end) : Uint8Array.of(i64, 1, code.i64Const, 0, code.end));
    return this.shape.globals.length + this.globals.length - 1;
  }

  /** An exported function without parameters. `locals` are their types in order. */
  function(name: string, result: 'i32' | 'i64' | undefined, locals: readonly number[], write: (out: ByteWriter) => void): void {
    this.functionTypes.push(written((out) => out.u32(this.typeOf(result))));
    this.bodies.push(bodyOf(locals, write));
    this.exports.push({ name, index: this.shape.functions.length + this.bodies.length - 1 });
  }

  private typeOf(result: 'i32' | 'i64' | undefined): number {
    const key = result ?? '';
    const known = this.typeOfResult.get(key);
    if (known !== undefined) return known;
    this.types.push(result === undefined ? Uint8Array.of(0x60, 0, 0) : Uint8Array.of(0x60, 0, 1, typeByte(result)));
    const index = this.shape.typeCount + this.types.length - 1;
    this.typeOfResult.set(key, index);
    return index;
  }
}

function bodyOf(locals: readonly number[], write: (out: ByteWriter) => void): Uint8Array {
  return written((out) => {
    out.sized(written((inner) => {
      inner.u32(locals.length);
      for (const type of locals) {
        inner.u32(1);
        inner.u8(type);
      }
      write(inner);
      inner.u8(code.end);
    }));
  });
}

/** Stands in for an imported function: mixes its arguments into a counter, and makes its results of the counter. */
function hostBody({ params, results }: InterfaceFunctionType, counter: number): Uint8Array {
  return bodyOf(params.filter(needsScratch).map(typeByte), (out) => {
    let next = params.length;
    params.forEach((type, index) => {
      if (isReference(type)) return;
      out.u8(code.localGet);
      out.u32(index);
      const parts = writeIntegers(out, type, needsScratch(type) ? next++ : 0);
      // Two halves of a vector: the second folds onto the first.
      if (parts.length === 2) out.u8(code.i64Xor);
      if (parts[0] === 'i64') {
        out.u8(code.i64Const);
        out.s64(7, 0);
        out.u8(code.i64Rotl);
        out.u8(code.i32WrapI64);
      }
      out.u8(code.globalGet);
      out.u32(counter);
      out.u8(code.i32Const);
      out.s32(5);
      out.u8(code.i32Rotl);
      out.u8(code.i32Xor);
      out.u8(code.globalSet);
      out.u32(counter);
    });
    out.u8(code.globalGet);
    out.u32(counter);
    out.u8(code.i32Const);
    out.s32(1);
    out.u8(code.i32Add);
    out.u8(code.globalSet);
    out.u32(counter);
    for (const type of results) {
      if (isReference(type)) {
        out.u8(code.refNull);
        out.u8(typeByte(type));
        continue;
      }
      out.u8(code.globalGet);
      out.u32(counter);
      out.u8(code.i32Const);
      out.s32(0x9e3779b1);
      out.u8(code.i32Mul);
      if (type === 'i64') out.u8(code.i64ExtendI32U);
      else if (type === 'f32') out.u8(code.f32ConvertI32S);
      else if (type === 'f64') out.u8(code.f64ConvertI32S);
      else if (type === 'v128') {
        out.u8(code.simd);
        out.u32(simd.i32x4Splat);
      }
    }
  });
}

function addCalls(add: Additions, plan: Plan): void {
  const { shape } = plan;
  const refuel = shape.exports.find(({ name, kind }) => name === 'refuel' && kind === 'function')?.index;
  const spare = { i32: [] as number[], i64: [] as number[] };
  const spareGlobal = (type: 'i32' | 'i64', index: number): number => (spare[type][index] ??= add.global(type));
  plan.calls.forEach(({ name, args }, number) => {
    const index = shape.exports.find((entry) => entry.name === name && entry.kind === 'function')?.index;
    const type = index === undefined ? undefined : shape.types[shape.functions[index] ?? -1];
    if (index === undefined || type === undefined) throw new NotStandalone('a call of an unknown function');
    const exportName = `c${String(number).padStart(4, '0')}`;
    const locals = type.results.filter(needsScratch).map(typeByte);
    const parts = type.results.flatMap((result): ('i32' | 'i64')[] => (result === 'v128' ? ['i64', 'i64'] : result === 'i64' || result === 'f64' ? ['i64'] : ['i32']));
    const left: { readonly type: 'i32' | 'i64'; readonly global: number }[] = [];
    add.function(exportName, parts[0], locals, (out) => {
      if (plan.hasFuel && refuel !== undefined) {
        out.u8(code.i32Const);
        out.s32(100);
        out.u8(code.call);
        out.u32(refuel);
      }
      args.forEach((value, position) => writeValue(out, value, type.params[position] ?? ''));
      out.u8(code.call);
      out.u32(index);
      // The last result is on top; each becomes integers, all but the very first part of which go to globals.
      let part = parts.length;
      let scratch = locals.length;
      for (let result = type.results.length - 1; result >= 0; result--) {
        const resultType = type.results[result] ?? '';
        const integers = writeIntegers(out, resultType, needsScratch(resultType) ? --scratch : 0);
        for (let i = integers.length - 1; i >= 0; i--) {
          part--;
          if (part === 0) break;
          const integer = integers[i] ?? 'i32';
          const global = spareGlobal(integer, left.length);
          left.push({ type: integer, global });
          out.u8(code.globalSet);
          out.u32(global);
        }
      }
    });
    left.forEach((entry, i) => add.function(`${exportName}_${i + 1}`, entry.type, [], (out) => {
      out.u8(code.globalGet);
      out.u32(entry.global);
    }));
  });
}

function addState(add: Additions, shape: ModuleInterface, counter: number | undefined): void {
  shape.globals.forEach(({ type }, index) => {
    if (isReference(type)) return;
    const lanes = type === 'v128' ? [0, 1] : [0];
    for (const lane of lanes) {
      add.function(lanes.length === 1 ? `g${index}` : `g${index}_${lane}`, type === 'i32' || type === 'f32' ? 'i32' : 'i64', needsScratch(type) ? [typeByte(type)] : [], (out) => {
        out.u8(code.globalGet);
        out.u32(index);
        const parts = writeIntegers(out, type, 0);
        if (parts.length === 2 && lane === 0) out.u8(code.drop);
        if (parts.length === 2 && lane === 1) {
          out.u8(code.i64Const);
          out.s64(1, 0);
          out.u8(code.i64Rotl);
          out.u8(code.i64Xor);
        }
      });
    }
  });
  if (counter !== undefined) {
    add.function('host', 'i32', [], (out) => {
      out.u8(code.globalGet);
      out.u32(counter);
    });
  }
  shape.memories.forEach((memory, index) => {
    // Atomic or not, a wide index or not, the fold is over what is there from the start.
    if (memory.min === 0n) return;
    const isWide = memory.index === 'i64';
    add.function(`m${index}`, 'i64', [i32, i64], (out) => {
      out.u8(code.loop);
      out.u8(emptyBlock);
      out.u8(code.localGet);
      out.u32(1);
      out.u8(code.i64Const);
      out.s64(5, 0);
      out.u8(code.i64Rotl);
      out.u8(code.localGet);
      out.u32(0);
      if (isWide) out.u8(code.i64ExtendI32U);
      out.u8(code.i64Load);
      // Alignment 2^3; bit 6 says that a memory's index follows.
      out.u32(index === 0 ? 3 : 3 | 0x40);
      if (index !== 0) out.u32(index);
      out.u32(0);
      out.u8(code.i64Xor);
      out.u8(code.localSet);
      out.u32(1);
      out.u8(code.localGet);
      out.u32(0);
      out.u8(code.i32Const);
      out.s32(8);
      out.u8(code.i32Add);
      out.u8(code.localTee);
      out.u32(0);
      out.u8(code.i32Const);
      out.s32(foldedBytes);
      out.u8(code.i32LtU);
      out.u8(code.brIf);
      out.u32(0);
      out.u8(code.end);
      out.u8(code.localGet);
      out.u32(1);
    });
  });
}

function limitsOf(out: ByteWriter, limits: ModuleInterface['memories'][number]): void {
  out.u8((limits.max === undefined ? 0 : 1) | (limits.shared ? 2 : 0) | (limits.index === 'i64' ? 4 : 0));
  out.u32(Number(limits.min));
  if (limits.max !== undefined) out.u32(Number(limits.max));
}

/** The types of imported things, as definitions in the order of their index spaces. */
function importsDefined(shape: ModuleInterface, counter: number | undefined) {
  const defined = { functions: [] as Uint8Array[], bodies: [] as Uint8Array[], tables: [] as Uint8Array[], memories: [] as Uint8Array[], globals: [] as Uint8Array[], tags: [] as Uint8Array[] };
  for (const { kind, index } of shape.imports) {
    switch (kind) {
      case 'function': {
        const typeIndex = shape.functions[index] ?? -1;
        const type = shape.types[typeIndex];
        if (type === undefined || counter === undefined) throw new NotStandalone('an imported function of an unknown type');
        defined.functions.push(written((out) => out.u32(typeIndex)));
        defined.bodies.push(hostBody(type, counter));
        break;
      }
      case 'table': {
        const table = shape.tables[index];
        if (table === undefined) break;
        defined.tables.push(written((out) => {
          out.u8(typeByte(table.element));
          limitsOf(out, table);
        }));
        break;
      }
      case 'memory': {
        const memory = shape.memories[index];
        if (memory !== undefined) defined.memories.push(written((out) => limitsOf(out, memory)));
        break;
      }
      case 'global': {
        const global = shape.globals[index];
        if (global === undefined) break;
        defined.globals.push(written((out) => {
          out.u8(typeByte(global.type));
          out.u8(global.mutable ? 1 : 0);
          writeValue(out, importedValue(global.type, index), global.type);
          out.u8(code.end);
        }));
        break;
      }
      case 'tag':
        defined.tags.push(written((out) => {
          out.u8(0);
          out.u32(shape.tags[index] ?? 0);
        }));
    }
  }
  return defined;
}

function importedValue(type: string, index: number): Value {
  const bits = Math.imul(index + 1, 0x2c1b3c6d);
  switch (type) {
    case 'i32': return { type, bits };
    case 'i64': return { type, bits: BigInt(bits) << 16n };
    case 'f32': return { type, bits: (bits & 0x7f7fffff) >>> 0 };
    case 'f64': return { type, bits: BigInt(bits & 0x7fefffff) << 32n };
    case 'v128': return { type, bits: BigInt(bits >>> 0) << 48n };
    default: return { type: 'ref', kind: 'null' };
  }
}

const ids = sectionIds;
/** The order in which sections must come. */
const order = [ids.type, ids.function, ids.table, ids.memory, ids.tag, ids.global, ids.export, ids.start, ids.element, ids.dataCount, ids.code, ids.data];

export interface StandaloneOptions {
  /** Whether exports behind the calls show globals and memories; true unless said otherwise. */
  readonly showsState?: boolean;
}

/**
 * The module that stands alone. Throws `NotStandalone` where values at the outside are of types that cannot be made or shown.
 * An export also declares its function for `ref.func`; where a module needs that, a declarative segment says so in the export's place.
 */
export function standalone(bytes: Uint8Array, plan: Plan, options: StandaloneOptions = {}): Uint8Array {
  const showsState = options.showsState ?? true;
  const plain = withDeclarations(bytes, plan, [], showsState);
  if (WebAssembly.validate(new Uint8Array(plain))) return plain;
  return withDeclarations(bytes, plan, plan.shape.exports.flatMap(({ kind, index }) => (kind === 'function' ? [index] : [])), showsState);
}

function withDeclarations(bytes: Uint8Array, plan: Plan, declared: readonly number[], showsState: boolean): Uint8Array {
  const { shape } = plan;
  const add = new Additions(shape);
  const counter = shape.imports.some(({ kind }) => kind === 'function') ? add.global('i32') : undefined;
  const defined = importsDefined(shape, counter);
  addCalls(add, plan);
  if (showsState) addState(add, shape, counter);
  const old = new Map(sectionsOf(bytes).filter(({ id }) => id !== ids.custom).map(({ id, body }) => [id, body]));
  const exportSection = written((out) => {
    out.u32(add.exports.length);
    for (const { name, index } of add.exports) {
      out.name(name);
      out.u8(0);
      out.u32(index);
    }
  });
  const segment = written((out) => {
    out.bytes(Uint8Array.of(3, 0));
    out.u32(declared.length);
    for (const index of declared) out.u32(index);
  });
  const made = new Map<number, Uint8Array>([
    [ids.type, grown(old.get(ids.type), [], add.types)],
    [ids.function, grown(old.get(ids.function), defined.functions, add.functionTypes)],
    [ids.table, grown(old.get(ids.table), defined.tables, [])],
    [ids.memory, grown(old.get(ids.memory), defined.memories, [])],
    [ids.tag, grown(old.get(ids.tag), defined.tags, [])],
    [ids.global, grown(old.get(ids.global), defined.globals, add.globals)],
    [ids.export, exportSection],
    [ids.element, grown(old.get(ids.element), [], declared.length === 0 ? [] : [segment])],
    [ids.code, grown(old.get(ids.code), defined.bodies, add.bodies)],
  ]);
  const out = new ByteWriter();
  moduleHeader(out);
  for (const id of order) {
    const body = made.get(id) ?? old.get(id);
    if (body === undefined || (made.has(id) && body.length === 1 && body[0] === 0)) continue;
    out.u8(id);
    out.sized(body);
  }
  return out.copy();
}
