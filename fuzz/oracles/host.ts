// The outside world of an observed module: whatever it imports is made to measure, the same for every engine.
//
// A host function's results depend on its name, on how many host calls came before, and on its arguments, NaN bits left out: engines may differ in those.
// Every call is written to a trace. Imported memories, tables and globals have exactly the declared size and a value that their name gives.

import { type EngineModule, type EngineStore, type Extern, HostException, type ImportResolver } from './engine.ts';
import type { InterfaceFunctionType, ModuleInterface } from './module-interface.ts';
import { nullReference, type Value } from './value.ts';

export interface HostCall {
  readonly name: string;
  readonly args: readonly Value[];
}

const fnvPrime = 0x01000193;

/** Mixes 32 bits into a hash (FNV-1a over words, with a final shuffle by the caller). */
function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ (word | 0), fnvPrime);
  return mixed ^ (mixed >>> 15);
}

function mixText(hash: number, text: string): number {
  let mixed = hash;
  for (let i = 0; i < text.length; i++) mixed = mix(mixed, text.charCodeAt(i));
  return mixed;
}

export function isNaN32(bits: number): boolean {
  return (bits & 0x7fffffff) >>> 0 > 0x7f800000;
}

export function isNaN64(bits: bigint): boolean {
  return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

function mixValue(hash: number, value: Value): number {
  switch (value.type) {
    case 'i32':
      return mix(hash, value.bits);
    case 'f32':
      return mix(hash, isNaN32(value.bits) ? 0x7fc00000 : value.bits);
    case 'i64':
    case 'v128':
      return mix(mix(hash, Number(BigInt.asIntN(32, value.bits))), Number(BigInt.asIntN(32, value.bits >> 32n)));
    case 'f64': {
      const bits = isNaN64(value.bits) ? 0x7ff8000000000000n : value.bits;
      return mix(mix(hash, Number(BigInt.asIntN(32, bits))), Number(BigInt.asIntN(32, bits >> 32n)));
    }
    case 'ref':
      return mix(hash, value.kind === 'extern' ? value.id + 7 : value.kind === 'null' ? 1 : 2);
  }
}

/** A value of a type from a hash: half of the time a small one, so that comparisons and branches see both ways. */
function valueFrom(type: string, hash: number): Value {
  const small = (hash & 1) === 0;
  const bits = small ? (hash >>> 1) % 9 : Math.imul(hash, 0x9e3779b1);
  switch (type) {
    case 'i32':
      return { type: 'i32', bits: bits | 0 };
    case 'i64':
      return { type: 'i64', bits: BigInt.asIntN(64, (BigInt(bits | 0) << (small ? 0n : 27n)) ^ BigInt(bits | 0)) };
    case 'f32':
      // Never a NaN: the exponent's lowest bit is cleared.
      return { type: 'f32', bits: (bits & 0xff7fffff) >>> 0 };
    case 'f64':
      return { type: 'f64', bits: BigInt.asUintN(64, (BigInt(bits >>> 0) << 32n) | BigInt(hash >>> 0)) & 0xffefffffffffffffn };
    case 'v128':
      return { type: 'v128', bits: (BigInt(bits >>> 0) << 96n) | (BigInt(hash >>> 0) << 40n) | BigInt(bits & 0xff) };
    case 'externref':
      return (hash & 3) === 0 ? nullReference : { type: 'ref', kind: 'extern', id: hash & 7 };
    case 'anyref':
    case 'eqref':
    case 'i31ref':
      return (hash & 3) === 0 ? nullReference : { type: 'ref', kind: 'i31', value: (bits << 1) >> 1 };
    default:
      return nullReference;
  }
}

export interface Host {
  readonly resolve: ImportResolver;
  readonly trace: HostCall[];
  /** Imported memories, in order, for looking at them when no instance came to be. */
  readonly memories: readonly Extern[];
}

/** What a trace keeps: enough to compare, not enough to fill a machine's memory. */
const longestTrace = 10_000;

/** What a host function throws now and then, where a module imports tags. */
interface Throwable {
  readonly tag: Extern;
  readonly params: readonly string[];
}

/** What the hosts of several modules of a store have in common: one trace of all calls, in the order in which they were made. */
export class HostWorld {
  readonly trace: HostCall[] = [];
  calls = 0;
}

/** Makes everything a module imports, in a store. Undefined where an import is of a kind the engine cannot make (a tag). */
export function openHost(store: EngineStore, shape: ModuleInterface, compiled: EngineModule, world: HostWorld = new HostWorld()): Host {
  const { trace } = world;
  const throwables: Throwable[] = [];
  const functionOf = (name: string, type: InterfaceFunctionType, index: number): Extern =>
    store.hostFunction(type, (args) => {
      const calls = ++world.calls;
      if (trace.length < longestTrace) trace.push({ name, args });
      let hash = mix(mixText(0x811c9dc5, name), calls);
      for (const arg of args) hash = mixValue(hash, arg);
      const thrown = (hash >>> 8) % 4 === 0 ? throwables[(hash >>> 12) % throwables.length] : undefined;
      if (thrown !== undefined) throw new HostException(thrown.tag, thrown.params.map((param, place) => valueFrom(param, mix(hash, place + 1))));
      return type.results.map((result, place) => valueFrom(result, mix(hash, place + 1)));
    }, type.simple ? undefined : { module: compiled, type: index });
  const externs = new Map<string, Extern>();
  const memories: Extern[] = [];
  for (const { module, name, kind, index } of shape.imports) {
    const key = `${module}\n${name}`;
    if (externs.has(key)) continue;
    switch (kind) {
      case 'function': {
        const at = shape.functions[index] ?? -1;
        const type = shape.types[at];
        if (type !== undefined) externs.set(key, functionOf(`${module}.${name}`, type, at));
        break;
      }
      case 'memory': {
        const memory = shape.memories[index];
        if (memory === undefined) break;
        const extern = store.hostMemory(Number(memory.min), memory.max === undefined ? undefined : Number(memory.max), { shared: memory.shared, index: memory.index });
        memories.push(extern);
        externs.set(key, extern);
        break;
      }
      case 'table': {
        const table = shape.tables[index];
        if (table !== undefined) externs.set(key, store.hostTable(table.element, Number(table.min), table.max === undefined ? undefined : Number(table.max), { index: table.index }));
        break;
      }
      case 'global': {
        const global = shape.globals[index];
        if (global !== undefined) externs.set(key, store.hostGlobal(global.type, global.mutable, valueFrom(global.type, mixText(0x811c9dc5, name))));
        break;
      }
      case 'tag': {
        const params = shape.types[shape.tags[index] ?? -1]?.params;
        const tag = params === undefined ? undefined : store.hostTag?.(params);
        if (params === undefined || tag === undefined) break;
        externs.set(key, tag);
        // JavaScript cannot put a vector into an exception.
        if (!params.includes('v128')) throwables.push({ tag, params });
      }
    }
  }
  return { resolve: (module, name) => externs.get(`${module}\n${name}`), trace, memories };
}
