// Between the lab's values and what V8 shows of them to JavaScript, floats and vectors in the crossing forms of `v8-adapters.ts`.

import type { TypeText } from '../engine.ts';
import { nullReference, type ReferenceValue, type Value } from '../value.ts';
import { classifyAny, maybeFloat } from './v8-adapters.ts';

/** Stands for an external reference made by the harness; one per number and store. */
class HostValue {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** The host values of one store: equal numbers are the same object, so that identity survives the trip through wasm. */
export class HostValues {
  private readonly byId = new Map<number, HostValue>();
  of(id: number): unknown {
    let value = this.byId.get(id);
    if (value === undefined) this.byId.set(id, (value = new HostValue(id)));
    return value;
  }
}

const low64 = (1n << 64n) - 1n;

/** Appends the crossing form of `value` to `out`. */
export function pushBits(out: unknown[], value: Value, host: HostValues): void {
  switch (value.type) {
    case 'i32': case 'i64': case 'f32': case 'f64': out.push(value.bits); return;
    case 'v128': out.push(value.bits & low64, value.bits >> 64n); return;
    case 'ref': out.push(fromReference(value, host)); return;
  }
}

/** What JavaScript passes for `value`; undefined where it cannot say it: for a NaN, of which it knows one only, and a vector. */
export function maybePlain(value: Value, host: HostValues): unknown {
  switch (value.type) {
    case 'i32': case 'i64': return value.bits;
    case 'f32': case 'f64': return maybeFloat(value.type, BigInt(value.bits));
    case 'v128': return undefined;
    case 'ref': return fromReference(value, host);
  }
}

function fromReference(value: ReferenceValue, host: HostValues): unknown {
  switch (value.kind) {
    case 'null': return null;
    case 'extern': return host.of(value.id);
    case 'i31': return value.value;
    default: return value.handle;
  }
}

/** A reader over the crossing forms of values, in order. */
export class BitReader {
  private readonly bits: readonly unknown[];
  private at = 0;
  constructor(bits: readonly unknown[]) {
    this.bits = bits;
  }
  next(type: TypeText): Value {
    const bits = this.bits[this.at++];
    switch (type) {
      case 'i32': return { type, bits: Number(bits) | 0 };
      case 'i64': return { type, bits: BigInt.asIntN(64, asBigint(bits)) };
      case 'f32': return { type, bits: Number(bits) >>> 0 };
      case 'f64': return { type, bits: BigInt.asUintN(64, asBigint(bits)) };
      case 'v128': {
        const high = asBigint(this.bits[this.at++]);
        return { type, bits: BigInt.asUintN(64, asBigint(bits)) | (BigInt.asUintN(64, high) << 64n) };
      }
      case 'exnref': case 'nullexnref': return bits === 0 ? nullReference : { type: 'ref', kind: 'exception', handle: undefined };
      default: return toReference(bits);
    }
  }
}

function asBigint(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  throw new Error(`v8: expected a bigint at the boundary, met ${typeof value}`);
}

const floatBits = new DataView(new ArrayBuffer(8));

/** A float that JavaScript showed without loss; undefined for a NaN, whose bits it does not show. */
export function floatOf(type: 'f32' | 'f64', value: unknown): Value | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  if (type === 'f32') {
    floatBits.setFloat32(0, value);
    return { type, bits: floatBits.getUint32(0) };
  }
  floatBits.setFloat64(0, value);
  return { type, bits: floatBits.getBigUint64(0) };
}

/** The same, with the canonical NaN for any. */
export function plainFloat(type: 'f32' | 'f64', value: unknown): Value {
  return floatOf(type, value) ?? (type === 'f32' ? { type, bits: 0x7fc00000 } : { type, bits: 0x7ff8000000000000n });
}

/** The lab's view of a reference as JavaScript shows it. */
export function toReference(value: unknown): ReferenceValue {
  if (value === null || value === undefined) return nullReference;
  if (value instanceof HostValue) return { type: 'ref', kind: 'extern', id: value.id };
  if (typeof value === 'function') return { type: 'ref', kind: 'function', handle: value };
  if (typeof value === 'number') return { type: 'ref', kind: 'i31', value };
  switch (classifyAny(value)) {
    case 2: return { type: 'ref', kind: 'struct', handle: value };
    case 3: return { type: 'ref', kind: 'array', handle: value };
    default: return { type: 'ref', kind: 'any', handle: value };
  }
}
