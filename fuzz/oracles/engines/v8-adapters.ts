// Small modules that carry values across V8's JavaScript boundary without loss.
// JavaScript quiets signalling NaNs, and cannot see v128 or exnref at all, so each such value crosses as integers:
//   f32 ↔ i32 bits · f64 ↔ i64 bits · v128 ↔ two i64, low half first · exnref → i32, 1 unless null (← the value is ignored, null arrives)
// `v8-face.ts` is how JavaScript sees a wasm function; a lowered function is a JavaScript function as wasm sees it.
// A failing host function must not be caught by the module's own `catch_all`: the lowered function turns its exception into a trap
// when the flag `pending` says that the harness holds the error.

import type { EngineFunctionType, TypeText } from '../engine.ts';
import type { InterfaceLimits, ModuleInterface } from '../module-interface.ts';

/** A function of crossing forms; several results come as an array. */
export type Crossing = (...bits: unknown[]) => unknown;

const i32 = 0x7f;
const i64 = 0x7e;
const end = 0x0b;
const localGet = 0x20;
const localSet = 0x21;

const numericCodes: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const heapCodes: Readonly<Record<string, number>> = {
  exn: 0x69, array: 0x6a, struct: 0x6b, i31: 0x6c, eq: 0x6d, any: 0x6e, extern: 0x6f, func: 0x70,
  none: 0x71, noextern: 0x72, nofunc: 0x73, noexn: 0x74,
};
const shortNames: Readonly<Record<string, string>> = { nullref: 'none', nullfuncref: 'nofunc', nullexternref: 'noextern', nullexnref: 'noexn' };

function unsignedLeb(value: number | bigint): number[] {
  const out: number[] = [];
  for (let rest = BigInt(value); ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === 0n) return [...out, low];
    out.push(low | 0x80);
  }
}

function signedLeb(value: number | bigint): number[] {
  const out: number[] = [];
  for (let rest = BigInt(value); ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return [...out, low];
    out.push(low | 0x80);
  }
}

function littleEndian(value: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsignedLeb(items.length), ...items.flat()];
}

function section(id: number, contents: readonly number[]): number[] {
  return [id, ...unsignedLeb(contents.length), ...contents];
}

function heapCode(name: string): number[] {
  if (name.startsWith('$')) return signedLeb(Number(name.slice(1)));
  const code = heapCodes[name];
  if (code === undefined) throw new Error(`v8: unknown heap type ${name}`);
  return [code];
}

/** Binary form of a value type in canonical spelling. */
export function encodeType(type: TypeText): number[] {
  const numeric = numericCodes[type];
  if (numeric !== undefined) return [numeric];
  const long = /^\(ref (null )?([^ )]+)\)$/.exec(type);
  if (long !== null) return [long[1] === undefined ? 0x64 : 0x63, ...heapCode(long[2] ?? '')];
  return heapCode(shortNames[type] ?? type.replace(/ref$/, ''));
}

function functionType(params: readonly (readonly number[])[], results: readonly (readonly number[])[]): number[] {
  return [0x60, ...vector(params), ...vector(results)];
}

function isExn(type: TypeText): boolean {
  return type === 'exnref' || type === 'nullexnref';
}

/** True when values of this type need an adapter to cross. */
export function needsBits(type: TypeText): boolean {
  return type === 'f32' || type === 'f64' || type === 'v128' || isExn(type);
}

function bitTypes(type: TypeText): number[][] {
  if (type === 'f32' || isExn(type)) return [[i32]];
  if (type === 'f64') return [[i64]];
  if (type === 'v128') return [[i64], [i64]];
  return [encodeType(type)];
}

/** Types of the crossing forms of values of `types`. */
export function bitTypesOf(types: readonly TypeText[]): number[][] {
  return types.flatMap(bitTypes);
}

/** Code that pushes a value of `type` from its crossing form in locals from `local` on. */
export function fromBits(type: TypeText, local: number): number[] {
  const get = (index: number): number[] => [localGet, ...unsignedLeb(index)];
  if (type === 'f32') return [...get(local), 0xbe];
  if (type === 'f64') return [...get(local), 0xbf];
  // i64x2.splat (low), i64x2.replace_lane 1 (high)
  if (type === 'v128') return [...get(local), 0xfd, 0x12, ...get(local + 1), 0xfd, 0x1e, 1];
  if (isExn(type)) return [0xd0, ...heapCode(shortNames[type] ?? 'exn')];
  return get(local);
}

/** The same for values one behind the other. */
export function allFromBits(types: readonly TypeText[], first: number): number[] {
  let local = first;
  return types.flatMap((type) => {
    const code = fromBits(type, local);
    local += bitTypes(type).length;
    return code;
  });
}

/** Code that pushes the crossing form of the value of `type` in `local`. */
export function toBits(type: TypeText, local: number): number[] {
  const get = [localGet, ...unsignedLeb(local)];
  if (type === 'f32') return [...get, 0xbc];
  if (type === 'f64') return [...get, 0xbd];
  if (type === 'v128') return [...get, 0xfd, 0x1d, 0, ...get, 0xfd, 0x1d, 1];
  if (isExn(type)) return [...get, 0xd1, 0x45]; // ref.is_null; i32.eqz
  return get;
}

/** Pops values of `types` into fresh locals from `first` on. */
export function popInto(types: readonly TypeText[], first: number): number[] {
  const out: number[] = [];
  for (let i = types.length - 1; i >= 0; i--) out.push(localSet, ...unsignedLeb(first + i));
  return out;
}

function body(locals: readonly (readonly number[])[], code: readonly number[]): number[] {
  const contents = [...vector(locals.map((type) => [1, ...type])), ...code, end];
  return [...unsignedLeb(contents.length), ...contents];
}

function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsignedLeb(bytes.length), ...bytes];
}

const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const importFunction = 0;
const importGlobal = 3;

function build(sections: readonly (readonly number[])[]): WebAssembly.Module {
  return new WebAssembly.Module(new Uint8Array([...magic, ...sections.flat()]));
}

/** Compiled adapters by their content's description. Bounded: a campaign meets ever new signatures. */
const cache = new Map<string, WebAssembly.Module>();
const cacheLimit = 2000;

/** A compiled adapter, made once. */
export function cachedModule(key: string, make: () => WebAssembly.Module): WebAssembly.Module {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= cacheLimit) cache.clear();
  const made = make();
  cache.set(key, made);
  return made;
}

function signatureKey(type: EngineFunctionType): string {
  return `${type.params.join()}>${type.results.join()}`;
}

/** Whether a function of this type must be called in crossing forms. */
export function needsLift(type: EngineFunctionType): boolean {
  return type.params.some(needsBits) || type.results.some(needsBits);
}

/** A module's own types: how many, in how many groups, and their bytes. */
function givenTypes({ typeCount, typeSection }: ModuleInterface): { readonly count: number; readonly groups: number; readonly bytes: readonly number[] } {
  const { groups, at } = groupsOf(typeSection);
  return { count: typeCount, groups, bytes: [...typeSection.subarray(at)] };
}

/** The number of groups that a type section begins with, and where they begin. */
export function groupsOf(typeSection: Uint8Array): { readonly groups: number; readonly at: number } {
  let at = 0;
  let groups = 0;
  for (let scale = 1; at < typeSection.length; scale *= 128) {
    const byte = typeSection[at++] ?? 0;
    groups += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return { groups, at };
}

type HostCrossing = (...bits: never[]) => unknown;

/** A lowered function that can be given to one JavaScript function after another: instantiating costs more than many calls. */
export interface LoweredFunction {
  /** The function as wasm sees it. */
  readonly handle: unknown;
  readonly key: string;
  call: HostCrossing;
}

/** Lowered functions that nobody uses, by signature. */
const idle = new Map<string, LoweredFunction[]>();
const mostIdle = 64;

const released: HostCrossing = () => {
  throw new Error('v8: a host function of a store that is gone was called');
};

/** A lowered function of a type that its text spells whole; `pending` is the same for all. */
export function takeLowered(call: HostCrossing, type: EngineFunctionType, pending: WebAssembly.Global): LoweredFunction {
  const key = signatureKey(type);
  const kept = idle.get(key)?.pop();
  if (kept !== undefined) {
    kept.call = call;
    return kept;
  }
  const made: LoweredFunction = { key, call, handle: lower((...bits) => made.call(...bits), type, pending) };
  return made;
}

/** Takes it back once no instance that imports it will run again. */
export function releaseLowered(lowered: LoweredFunction): void {
  lowered.call = released;
  let list = idle.get(lowered.key);
  if (list === undefined) {
    if (idle.size >= cacheLimit) idle.clear();
    idle.set(lowered.key, (list = []));
  }
  if (list.length < mostIdle) list.push(lowered);
}

/**
 * The wasm face of a JavaScript function that takes and answers crossing forms (several results as an array). Its type is spelled by its text, or is one of
 * a module's, whose types then stand in front.
 */
export function lower(call: HostCrossing, type: EngineFunctionType, pending: WebAssembly.Global, home?: { readonly shape: ModuleInterface; readonly type: number }): unknown {
  const make = (): WebAssembly.Module => {
    const own = home === undefined ? [functionType(type.params.map(encodeType), type.results.map(encodeType))] : [];
    const given = home === undefined ? { count: 0, groups: 0, bytes: [] } : givenTypes(home.shape);
    const first = given.count + own.length;
    const results = bitTypesOf(type.results);
    const exnref = 0x69;
    const resultLocals = type.params.length;
    const code = [
      0x02, exnref, // block (result exnref)
      0x1f, ...signedLeb(first + 1), 1, 0x03, 0, // try_table (type of no parameters) (catch_all_ref 0)
      ...type.params.flatMap((param, i) => toBits(param, i)),
      0x10, 0, // call
      end,
      ...results.map((_, i) => results.length - 1 - i).flatMap((i) => [localSet, ...unsignedLeb(resultLocals + i)]),
      ...allFromBits(type.results, resultLocals),
      0x0f, // return
      end,
      0x23, 0, 0x04, 0x40, 0x00, end, // if pending: unreachable
      0x0a, // throw_ref
    ];
    return build([
      section(1, [
        ...unsignedLeb(given.groups + own.length + 2), ...given.bytes, ...own.flat(),
        ...functionType(bitTypesOf(type.params), results), ...functionType([], results),
      ]),
      section(2, vector([[...name('m'), ...name('f'), importFunction, ...unsignedLeb(first)], [...name('m'), ...name('p'), importGlobal, i32, 1]])),
      section(3, vector([unsignedLeb(home?.type ?? given.count)])),
      section(7, vector([[...name('f'), 0, 1]])),
      section(10, vector([body(results, code)])),
    ]);
  };
  const module = home === undefined ? cachedModule(`lower ${signatureKey(type)}`, make) : make();
  return new WebAssembly.Instance(module, { m: { f: call, p: pending } }).exports['f'];
}

/** Adapters by signature, for the life of the process. */
const calls = new Map<string, Crossing>();

/**
 * A function that calls another one of this type, which is its first argument, and passes arguments and results in crossing forms. One serves all functions of
 * a type, whatever module they are from, so that most modules need no adapter of their own. Only for types that their text spells whole.
 */
export function callThrough(type: EngineFunctionType): Crossing {
  const key = signatureKey(type);
  const known = calls.get(key);
  if (known !== undefined) return known;
  if (calls.size >= cacheLimit) calls.clear();
  const bits = bitTypesOf(type.params);
  const firstResult = 1 + bits.length;
  const convert = type.results.flatMap((result, i) => toBits(result, firstResult + i));
  const module = build([
    section(1, vector([functionType(type.params.map(encodeType), type.results.map(encodeType)), functionType([[0x63, 0], ...bits], bitTypesOf(type.results))])),
    section(3, vector([[1]])),
    section(7, vector([[...name('f'), 0, 0]])),
    section(10, vector([body(type.results.map(encodeType), [...allFromBits(type.params, 1), localGet, 0, 0x14, 0, ...popInto(type.results, firstResult), ...convert])])),
  ]);
  const made = asFunction(new WebAssembly.Instance(module).exports['f']);
  calls.set(key, made);
  return made;
}

const floatBits = new DataView(new ArrayBuffer(8));

/** A type as the JavaScript API spells it. */
export function apiName(type: TypeText): string {
  return type === 'funcref' ? 'anyfunc' : type;
}

/** A float that JavaScript carries without loss; undefined for a NaN. */
export function maybeFloat(type: 'f32' | 'f64', bits: bigint): number | undefined {
  if (type === 'f32') floatBits.setUint32(0, Number(bits));
  else floatBits.setBigUint64(0, bits);
  const value = type === 'f32' ? floatBits.getFloat32(0) : floatBits.getFloat64(0);
  return Number.isNaN(value) ? undefined : value;
}

/** A global with these bits; numeric types only. */
export function numericGlobal(type: 'i32' | 'i64' | 'f32' | 'f64' | 'v128', mutable: boolean, bits: bigint): unknown {
  if (type === 'i32') return new WebAssembly.Global({ value: type, mutable }, Number(bits));
  if (type === 'i64') return new WebAssembly.Global({ value: type, mutable }, bits);
  if (type !== 'v128') {
    const value = maybeFloat(type, bits);
    if (value !== undefined) return new WebAssembly.Global({ value: type, mutable }, value);
  }
  const init = { f32: [0x43, ...littleEndian(bits, 4)], f64: [0x44, ...littleEndian(bits, 8)], v128: [0xfd, 0x0c, ...littleEndian(bits, 16)] }[type];
  const module = build([
    section(6, vector([[...encodeType(type), mutable ? 1 : 0, ...init, end]])),
    section(7, vector([[...name('g'), 3, 0]])),
  ]);
  return new WebAssembly.Instance(module).exports['g'];
}

/** Limits as the JavaScript API spells them: `bigint` for 64-bit addresses. */
function descriptorOf({ min, max, index }: InterfaceLimits): { readonly initial: number | bigint; readonly maximum?: number | bigint; readonly address: 'i32' | 'i64' } {
  const spelled = (limit: bigint): number | bigint => (index === 'i64' ? limit : Number(limit));
  return { initial: spelled(min), address: index, ...(max === undefined ? {} : { maximum: spelled(max) }) };
}

export function newMemory(limits: InterfaceLimits): unknown {
  return new WebAssembly.Memory({ ...descriptorOf(limits), shared: limits.shared });
}

/** A table of nulls. */
export function newTable(element: TypeText, limits: InterfaceLimits): unknown {
  return new WebAssembly.Table({ element: apiName(element), ...descriptorOf(limits) }, null);
}

/** What a reference of the `any` hierarchy is, for values JavaScript shows as opaque: 1 i31, 2 struct, 3 array, 0 something else. */
export function classifyAny(value: unknown): number {
  classify ??= makeClassifier();
  return Number(classify(value));
}

let classify: (Crossing) | undefined;

function makeClassifier(): Crossing {
  // ref.test (ref heap); if: answer
  const test = (heap: number, answer: number): number[] => [localGet, 0, 0xfb, 0x14, heap, 0x04, 0x40, 0x41, answer, 0x0f, end];
  const module = build([
    section(1, vector([functionType([[0x6e]], [[i32]])])),
    section(3, vector([[0]])),
    section(7, vector([[...name('f'), 0, 0]])),
    section(10, vector([body([], [...test(0x6c, 1), ...test(0x6b, 2), ...test(0x6a, 3), 0x41, 0])])),
  ]);
  return asFunction(new WebAssembly.Instance(module).exports['f']);
}

/** A function exported by an adapter. */
export function asFunction(value: unknown): Crossing {
  if (typeof value !== 'function') throw new Error('v8: an adapter exports no function');
  return value as Crossing;
}
