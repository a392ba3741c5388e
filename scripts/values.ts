// Values on the command line and in JSON: arguments are read by the parameter's type, results are shown with exact bits.

import { numericLiteral } from '../fuzz/wast/literals.ts';
import { nullReference, type Value } from '../fuzz/oracles/value.ts';
import { UsageError } from './frame.ts';

/** True for an integer literal that has the same bits as some integer of `width` bits, signed or not. */
function fits(text: string, width: bigint): boolean {
  const [, sign, digits = ''] = /^([+-]?)(.*)$/.exec(text.replaceAll('_', '')) ?? [];
  const magnitude = BigInt(digits);
  return sign === '-' ? magnitude <= 1n << (width - 1n) : magnitude < 1n << width;
}

/** Reads an argument: a literal of the text format for numbers (`-1`, `0x1p3`, `nan:0x200000`), `null` or a host number for references. */
export function readArgument(type: string, text: string): Value {
  try {
    switch (type) {
      case 'i32':
      case 'i64':
        if (fits(text, type === 'i32' ? 32n : 64n)) return numericLiteral(type, text);
        break;
      case 'f32':
      case 'f64':
        return numericLiteral(type, text);
      case 'v128':
        return { type, bits: BigInt.asUintN(128, BigInt(text)) };
      default:
        if (text === 'null') return nullReference;
        if (type === 'externref' && /^\d+$/.test(text)) return { type: 'ref', kind: 'extern', id: Number(text) };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  throw new UsageError(`'${text}' is no ${type}; numbers are written as in the text format, references as 'null', an externref also as a number`);
}

const float32 = new DataView(new ArrayBuffer(8));

/** The number that a float's bits mean; payloads of NaNs are lost, the bits stand beside it. */
export function floatOf(value: Value): number {
  if (value.type === 'f32') {
    float32.setUint32(0, value.bits);
    return float32.getFloat32(0);
  }
  if (value.type === 'f64') {
    float32.setBigUint64(0, value.bits);
    return float32.getFloat64(0);
  }
  return Number.NaN;
}

function decimal(number: number): string {
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  return Object.is(number, -0) ? '-0' : String(number);
}

export interface JsonValue {
  readonly type: string;
  readonly value: string;
  readonly bits?: string;
}

/** A value for `--json`: integers as decimal strings, floats also by their bits, references by what is known of them. */
export function jsonOf(value: Value): JsonValue {
  switch (value.type) {
    case 'i32':
    case 'i64':
      return { type: value.type, value: value.bits.toString() };
    case 'f32':
      return { type: 'f32', value: decimal(floatOf(value)), bits: `0x${value.bits.toString(16).padStart(8, '0')}` };
    case 'f64':
      return { type: 'f64', value: decimal(floatOf(value)), bits: `0x${value.bits.toString(16).padStart(16, '0')}` };
    case 'v128':
      return { type: 'v128', value: value.bits.toString(), bits: `0x${value.bits.toString(16).padStart(32, '0')}` };
    case 'ref':
      switch (value.kind) {
        case 'null':
          return { type: 'ref', value: 'null' };
        case 'extern':
          return { type: 'externref', value: String(value.id) };
        case 'i31':
          return { type: 'i31ref', value: String(value.value) };
        default:
          return { type: 'ref', value: value.kind };
      }
  }
}

/** A value for a person. */
export function textOf(value: Value): string {
  const { type, value: shown, bits } = jsonOf(value);
  return bits === undefined ? `${shown} : ${type}` : `${shown} : ${type} (${bits})`;
}
