// Small modules that carry values across V8's JavaScript boundary without loss.
// JavaScript quiets signalling NaNs, and cannot see v128 or exnref at all, so each such value crosses as integers:
//   f32 ↔ i32 bits · f64 ↔ i64 bits · v128 ↔ two i64, low half first · exnref → i32, 1 unless null (← the value is ignored, null arrives)
// lifted:  a wasm function as seen from JavaScript.   lowered: a JavaScript function as seen from wasm.
// A failing host function must not be caught by the module's own `catch_all`: the lowered function turns its exception into a trap
// when the flag `pending` says that the harness holds the error.

import type { EngineFunctionType, TypeText } from '../engine.ts';
import type { InterfaceFunctionType, InterfaceGlobal, InterfaceLimits, ModuleInterface } from '../module-interface.ts';

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

function bitTypesOf(types: readonly TypeText[]): number[][] {
  return types.flatMap(bitTypes);
}

/** Code that pushes a value of `type` from its crossing form in locals from `local` on. */
function fromBits(type: TypeText, local: number): number[] {
  const get = (index: number): number[] => [localGet, ...unsignedLeb(index)];
  if (type === 'f32') return [...get(local), 0xbe];
  if (type === 'f64') return [...get(local), 0xbf];
  // i64x2.splat (low), i64x2.replace_lane 1 (high)
  if (type === 'v128') return [...get(local), 0xfd, 0x12, ...get(local + 1), 0xfd, 0x1e, 1];
  if (isExn(type)) return [0xd0, ...heapCode(shortNames[type] ?? 'exn')];
  return get(local);
}

/** Code that pushes the crossing form of the value of `type` in `local`. */
function toBits(type: TypeText, local: number): number[] {
  const get = [localGet, ...unsignedLeb(local)];
  if (type === 'f32') return [...get, 0xbc];
  if (type === 'f64') return [...get, 0xbd];
  if (type === 'v128') return [...get, 0xfd, 0x1d, 0, ...get, 0xfd, 0x1d, 1];
  if (isExn(type)) return [...get, 0xd1, 0x45]; // ref.is_null; i32.eqz
  return get;
}

/** Pops values of `types` into fresh locals from `first` on. */
function popInto(types: readonly TypeText[], first: number): number[] {
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
const importTag = 4;

function build(sections: readonly (readonly number[])[]): WebAssembly.Module {
  return new WebAssembly.Module(new Uint8Array([...magic, ...sections.flat()]));
}

/** Compiled adapters by their content's description. Bounded: a campaign meets ever new signatures. */
const cache = new Map<string, WebAssembly.Module>();
const cacheLimit = 2000;

function cached(key: string, make: () => WebAssembly.Module): WebAssembly.Module {
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

/** Whether a function of this type must be called through `lift`. */
export function needsLift(type: EngineFunctionType): boolean {
  return type.params.some(needsBits) || type.results.some(needsBits);
}

function liftModule(typeSection: readonly number[], typeCount: number, typeIndex: number, type: EngineFunctionType): WebAssembly.Module {
  const params = bitTypesOf(type.params);
  let local = 0;
  const push = type.params.flatMap((param) => {
    const code = fromBits(param, local);
    local += bitTypes(param).length;
    return code;
  });
  const results = type.results.flatMap((result, i) => toBits(result, params.length + i));
  const code = [...push, 0x10, 0, ...popInto(type.results, params.length), ...results];
  return build([
    section(1, [...typeSection, ...functionType(params, bitTypesOf(type.results))]),
    section(2, vector([[...name('m'), ...name('f'), importFunction, ...unsignedLeb(typeIndex)]])),
    section(3, vector([unsignedLeb(typeCount)])),
    section(7, vector([[...name('f'), 0, 1]])),
    section(10, vector([body(type.results.map(encodeType), code)])),
  ]);
}

/** Copies the type section with room for one more type. */
function extendedTypes(typeSection: Uint8Array): number[] {
  let at = 0;
  let count = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = typeSection[at++] ?? 0;
    count += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return [...unsignedLeb(count + 1), ...typeSection.subarray(at)];
}

/** The JavaScript face of an exported wasm function whose type needs it; `typeIndex` is its type in `from`. */
export function lift(exported: unknown, type: InterfaceFunctionType, typeIndex: number, from: ModuleInterface): (...bits: unknown[]) => unknown {
  const module = type.simple
    ? cached(`lift ${signatureKey(type)}`, () =>
        liftModule([2, ...functionType(type.params.map(encodeType), type.results.map(encodeType))], 1, 0, type))
    : liftModule(extendedTypes(from.typeSection), from.typeCount, typeIndex, type);
  return asFunction(new WebAssembly.Instance(module, { m: { f: exported } }).exports['f']);
}

/** The wasm face of a JavaScript function that takes and answers crossing forms (several results as an array). */
export function lower(call: (...bits: never[]) => unknown, type: EngineFunctionType, pending: WebAssembly.Global): unknown {
  const module = cached(`lower ${signatureKey(type)}`, () => {
    const results = bitTypesOf(type.results);
    const exnref = 0x69;
    const resultLocals = type.params.length;
    let local = resultLocals;
    const code = [
      0x02, exnref, // block (result exnref)
      0x1f, 2, 1, 0x03, 0, // try_table (type 2) (catch_all_ref 0)
      ...type.params.flatMap((param, i) => toBits(param, i)),
      0x10, 0, // call
      end,
      ...results.map((_, i) => results.length - 1 - i).flatMap((i) => [localSet, ...unsignedLeb(resultLocals + i)]),
      ...type.results.flatMap((result) => {
        const converted = fromBits(result, local);
        local += bitTypes(result).length;
        return converted;
      }),
      0x0f, // return
      end,
      0x23, 0, 0x04, 0x40, 0x00, end, // if pending: unreachable
      0x0a, // throw_ref
    ];
    return build([
      section(1, vector([
        functionType(bitTypesOf(type.params), results),
        functionType(type.params.map(encodeType), type.results.map(encodeType)),
        functionType([], results),
      ])),
      section(2, vector([[...name('m'), ...name('f'), importFunction, 0], [...name('m'), ...name('p'), importGlobal, i32, 1]])),
      section(3, vector([[1]])),
      section(7, vector([[...name('f'), 0, 1]])),
      section(10, vector([body(results, code)])),
    ]);
  });
  return new WebAssembly.Instance(module, { m: { f: call, p: pending } }).exports['f'];
}

/** Reads a global whose type needs it: answers crossing forms. */
export function globalReader(global: unknown, type: InterfaceGlobal): () => unknown {
  const module = cached(`global ${type.type} ${String(type.mutable)}`, () =>
    build([
      section(1, vector([functionType([], bitTypes(type.type))])),
      section(2, vector([[...name('m'), ...name('g'), importGlobal, ...encodeType(type.type), type.mutable ? 1 : 0]])),
      section(3, vector([[0]])),
      section(7, vector([[...name('f'), 0, 0]])),
      section(10, vector([body([encodeType(type.type)], [0x23, 0, localSet, 0, ...toBits(type.type, 0)])])),
    ]));
  return asFunction(new WebAssembly.Instance(module, { m: { g: global } }).exports['f']);
}

/** A global with these bits; numeric types only. */
export function numericGlobal(type: 'i32' | 'i64' | 'f32' | 'f64' | 'v128', mutable: boolean, bits: bigint): unknown {
  const init = {
    i32: () => [0x41, ...signedLeb(BigInt.asIntN(32, bits))],
    i64: () => [0x42, ...signedLeb(BigInt.asIntN(64, bits))],
    f32: () => [0x43, ...littleEndian(bits, 4)],
    f64: () => [0x44, ...littleEndian(bits, 8)],
    v128: () => [0xfd, 0x0c, ...littleEndian(bits, 16)],
  }[type]();
  const module = build([
    section(6, vector([[...encodeType(type), mutable ? 1 : 0, ...init, end]])),
    section(7, vector([[...name('g'), 3, 0]])),
  ]);
  return new WebAssembly.Instance(module).exports['g'];
}

function encodeLimits(limits: InterfaceLimits): number[] {
  const flags = (limits.max === undefined ? 0 : 1) | (limits.shared ? 2 : 0) | (limits.index === 'i64' ? 4 : 0);
  return [flags, ...unsignedLeb(limits.min), ...(limits.max === undefined ? [] : unsignedLeb(limits.max))];
}

export function newMemory(limits: InterfaceLimits): unknown {
  const module = build([section(5, vector([encodeLimits(limits)])), section(7, vector([[...name('m'), 2, 0]]))]);
  return new WebAssembly.Instance(module).exports['m'];
}

/** A table of nulls. */
export function newTable(element: TypeText, limits: InterfaceLimits): unknown {
  const module = build([section(4, vector([[...encodeType(element), ...encodeLimits(limits)]])), section(7, vector([[...name('t'), 1, 0]]))]);
  return new WebAssembly.Instance(module).exports['t'];
}

/** Crossing forms of what an exception with this tag carries; `rethrow` throws it. */
export function exceptionPayload(rethrow: () => void, tag: unknown, type: EngineFunctionType): unknown {
  // block (type 0): try_table (catch tag 0) call end unreachable end → payload on the stack, to locals, converted
  const module = build([
    section(1, vector([
      functionType([], type.params.map(encodeType)),
      functionType(type.params.map(encodeType), []),
      functionType([], []),
      functionType([], bitTypesOf(type.params)),
    ])),
    section(2, vector([[...name('m'), ...name('f'), importFunction, 2], [...name('m'), ...name('t'), importTag, 0, 1]])),
    section(3, vector([[3]])),
    section(7, vector([[...name('f'), 0, 1]])),
    section(10, vector([body(type.params.map(encodeType), [
      0x02, 0, 0x1f, 0x40, 1, 0x00, 0, 0, 0x10, 0, end, 0x00, end,
      ...popInto(type.params, 0), ...type.params.flatMap((param, i) => toBits(param, i)),
    ])])),
  ]);
  return asFunction(new WebAssembly.Instance(module, { m: { f: rethrow, t: tag } }).exports['f'])();
}

/** What a reference of the `any` hierarchy is, for values JavaScript shows as opaque: 1 i31, 2 struct, 3 array, 0 something else. */
export function classifyAny(value: unknown): number {
  classify ??= makeClassifier();
  return Number(classify(value));
}

let classify: ((...bits: unknown[]) => unknown) | undefined;

function makeClassifier(): (...bits: unknown[]) => unknown {
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

function asFunction(value: unknown): (...bits: unknown[]) => unknown {
  if (typeof value !== 'function') throw new Error('v8: an adapter exports no function');
  return value as (...bits: unknown[]) => unknown;
}
