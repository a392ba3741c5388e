// Values as every engine shows them: by bits, so that −0 ≠ +0 and NaNs keep their payload.

export type NumericValue =
  /** int32 as a signed number. */
  | { readonly type: 'i32'; readonly bits: number }
  /** int64 as a signed bigint. */
  | { readonly type: 'i64'; readonly bits: bigint }
  /** Bit pattern as an unsigned 32-bit number. */
  | { readonly type: 'f32'; readonly bits: number }
  /** Bit pattern as an unsigned 64-bit bigint. */
  | { readonly type: 'f64'; readonly bits: bigint }
  /** Unsigned 128-bit bigint; byte 0 of memory order is the lowest byte. */
  | { readonly type: 'v128'; readonly bits: bigint };

/**
 * A reference. `null`: of any type. `extern`: a host value known by its number, made by the harness. `i31`: signed value.
 * `function`, `struct`, `array`, `exception`, `any`: something of that kind; `handle` is the engine's own object, comparable only within one store.
 */
export type ReferenceValue =
  | { readonly type: 'ref'; readonly kind: 'null' }
  | { readonly type: 'ref'; readonly kind: 'extern'; readonly id: number }
  | { readonly type: 'ref'; readonly kind: 'i31'; readonly value: number }
  | { readonly type: 'ref'; readonly kind: 'function' | 'struct' | 'array' | 'exception' | 'any'; readonly handle: unknown };

export type Value = NumericValue | ReferenceValue;

export const nullReference: ReferenceValue = { type: 'ref', kind: 'null' };
