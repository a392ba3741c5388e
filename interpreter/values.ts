// Values as they pass the door, and references as they are everywhere.
// Chapter: "Execution", section "Runtime Structure", "Values".
// Floats are bits: f32 an unsigned 32-bit number, f64 an unsigned 64-bit bigint; v128 an unsigned 128-bit bigint, lane 0 lowest.
// References are the objects themselves, so identity is `===`; a scalar reference (i31) is its signed 31-bit number.
import type { ArrayInstance, ExceptionInstance, FunctionInstance, StructInstance } from './store.ts';

/** An object of the host's that wasm may hold but not look into. */
export class HostReference {
  readonly kind = 'host';
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

export type Reference = null | number | FunctionInstance | StructInstance | ArrayInstance | ExceptionInstance | HostReference;

export type Value =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'f32'; readonly value: number }
  | { readonly type: 'f64'; readonly value: bigint }
  | { readonly type: 'v128'; readonly value: bigint }
  | { readonly type: 'ref'; readonly value: Reference };

export function i32(value: number): Value { return { type: 'i32', value: value | 0 }; }
export function i64(value: bigint): Value { return { type: 'i64', value: BigInt.asIntN(64, value) }; }
export function f32(bits: number): Value { return { type: 'f32', value: bits >>> 0 }; }
export function f64(bits: bigint): Value { return { type: 'f64', value: BigInt.asUintN(64, bits) }; }
export function v128(bits: bigint): Value { return { type: 'v128', value: BigInt.asUintN(128, bits) }; }
export function ref(value: Reference): Value { return { type: 'ref', value }; }

/** What a reference refers to. */
export function referenceKind(reference: Reference): 'null' | 'i31' | 'func' | 'struct' | 'array' | 'exn' | 'host' {
  if (reference === null) return 'null';
  return typeof reference === 'number' ? 'i31' : reference.kind;
}
