// Number literals of the text format, read exactly: no literal passes through a JS number that could round it twice.
//
// Method: a literal is mantissa × base^exponent over bigints; it is rounded once, to nearest, ties to even, at the target's precision
// (standard, "Text Format: Values"). Decimal f64 literals may use the host's own conversion, which is correctly rounded; decimal f32 literals may
// too, unless the f64 lies exactly between two f32 values, where a second rounding could go the wrong way.

import type { NumericValue } from '../oracles/value.ts';

/** Reads an integer literal of any sign into its lowest `width` bits, unsigned. */
export function integerLiteral(text: string, width: number): bigint {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = plain.startsWith('-') || plain.startsWith('+') ? plain.slice(1) : plain;
  const magnitude = BigInt(digits);
  return BigInt.asUintN(width, negative ? -magnitude : magnitude);
}

interface FloatFormat {
  /** Bits of the significand without the hidden one. */
  readonly fraction: number;
  readonly bias: number;
  readonly width: number;
}

const f32Format: FloatFormat = { fraction: 23, bias: 127, width: 32 };
const f64Format: FloatFormat = { fraction: 52, bias: 1023, width: 64 };

function bitLength(x: bigint): number {
  return x === 0n ? 0 : x.toString(2).length;
}

/** Rounds numerator / denominator (both positive) to the format's bits, ties to even; overflows to infinity. */
function roundRatio(numerator: bigint, denominator: bigint, format: FloatFormat): bigint {
  const minExponent = 1 - format.bias;
  let exponent = bitLength(numerator) - bitLength(denominator);
  // The quotient lies in (2^(exponent-1), 2^(exponent+1)); settle it into [2^exponent, 2^(exponent+1)).
  const isBelow = exponent >= 0 ? numerator < denominator << BigInt(exponent) : numerator << BigInt(-exponent) < denominator;
  if (isBelow) exponent--;
  const unit = Math.max(exponent, minExponent) - format.fraction;
  const top = unit < 0 ? numerator << BigInt(-unit) : numerator;
  const bottom = unit > 0 ? denominator << BigInt(unit) : denominator;
  let significand = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && (significand & 1n) === 1n)) significand++;
  if (significand === 0n) return 0n;
  const hidden = 1n << BigInt(format.fraction);
  if (significand < hidden) return significand;
  let biased = Math.max(exponent, minExponent) + format.bias;
  if (significand === hidden << 1n) {
    significand = hidden;
    biased++;
  }
  const infinite = 2 * format.bias + 1;
  if (biased >= infinite) return BigInt(infinite) << BigInt(format.fraction);
  return (BigInt(biased) << BigInt(format.fraction)) | (significand - hidden);
}

const cell = new DataView(new ArrayBuffer(8));

function f64Bits(x: number): bigint {
  cell.setFloat64(0, x);
  return cell.getBigUint64(0);
}

function decimalMagnitude(digits: string, format: FloatFormat): bigint {
  const host = Number(digits);
  if (format.width === 64) return f64Bits(host);
  const isMidpoint = (f64Bits(host) & 0x1fffffffn) === 0x10000000n;
  if (!isMidpoint && host >= 2 ** -125 && host < 2 ** 127) {
    cell.setFloat32(0, host);
    return BigInt(cell.getUint32(0));
  }
  const [mantissa = '0', exponentText = '0'] = digits.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const value = BigInt(whole + fraction);
  if (value === 0n) return 0n;
  const exponent = Number(exponentText) - fraction.length;
  return exponent >= 0 ? roundRatio(value * 10n ** BigInt(exponent), 1n, format) : roundRatio(value, 10n ** BigInt(-exponent), format);
}

function hexMagnitude(digits: string, format: FloatFormat): bigint {
  const [mantissa = '0', exponentText = '0'] = digits.toLowerCase().slice(2).split('p');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const value = BigInt(`0x0${whole}${fraction}`);
  if (value === 0n) return 0n;
  const exponent = Number(exponentText) - 4 * fraction.length;
  return exponent >= 0 ? roundRatio(value << BigInt(exponent), 1n, format) : roundRatio(value, 1n << BigInt(-exponent), format);
}

function floatBits(text: string, format: FloatFormat): bigint {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = plain.startsWith('-') || plain.startsWith('+') ? plain.slice(1) : plain;
  const infinity = BigInt(2 * format.bias + 1) << BigInt(format.fraction);
  let magnitude: bigint;
  if (digits === 'inf') magnitude = infinity;
  else if (digits === 'nan') magnitude = infinity | (1n << BigInt(format.fraction - 1));
  else if (digits.startsWith('nan:0x')) magnitude = infinity | BigInt(digits.slice(4));
  else if (/^0x/i.test(digits)) magnitude = hexMagnitude(digits, format);
  else if (/^[0-9]/.test(digits)) magnitude = decimalMagnitude(digits, format);
  else throw new SyntaxError(`not a number: ${text}`);
  return negative ? magnitude | (1n << BigInt(format.width - 1)) : magnitude;
}

/** Bits of an f32 literal. */
export function f32Literal(text: string): number {
  return Number(floatBits(text, f32Format));
}

/** Bits of an f64 literal. */
export function f64Literal(text: string): bigint {
  return floatBits(text, f64Format);
}

export const laneShapes = {
  i8x16: { lanes: 16, width: 8, float: false },
  i16x8: { lanes: 8, width: 16, float: false },
  i32x4: { lanes: 4, width: 32, float: false },
  i64x2: { lanes: 2, width: 64, float: false },
  f32x4: { lanes: 4, width: 32, float: true },
  f64x2: { lanes: 2, width: 64, float: true },
} as const;
export type LaneShape = keyof typeof laneShapes;

export function isLaneShape(word: string): word is LaneShape {
  return Object.hasOwn(laneShapes, word);
}

/** Bits of one lane, unsigned. */
export function laneLiteral(shape: LaneShape, text: string): bigint {
  const { width, float } = laneShapes[shape];
  if (!float) return integerLiteral(text, width);
  return width === 32 ? BigInt(f32Literal(text)) : f64Literal(text);
}

/** The value of `(TYPE.const LITERAL)`. */
export function numericLiteral(type: 'i32' | 'i64' | 'f32' | 'f64', text: string): NumericValue {
  switch (type) {
    case 'i32':
      return { type, bits: Number(BigInt.asIntN(32, integerLiteral(text, 32))) };
    case 'i64':
      return { type, bits: BigInt.asIntN(64, integerLiteral(text, 64)) };
    case 'f32':
      return { type, bits: f32Literal(text) };
    case 'f64':
      return { type, bits: f64Literal(text) };
  }
}
