// Number literals against wasm-tools, which rounds them on its own.

import { expect, test } from 'vitest';
import { f32Literal, f64Literal, integerLiteral } from './literals.ts';
import { parseText } from './text.ts';

/** What wasm-tools makes of float literals: the constants of a module of one global each. */
async function encodedBits(type: 'f32' | 'f64', texts: readonly string[]): Promise<bigint[]> {
  const result = await parseText(`(module ${texts.map((text) => `(global ${type} (${type}.const ${text}))`).join('')})`);
  if (result.kind !== 'bytes') throw new Error(result.message);
  const { bytes } = result;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = type === 'f32' ? 4 : 8;
  // The section holds: id, size, count, then per global: type, mutability, opcode, constant, end.
  const stride = size + 4;
  return texts.map((_, index) => {
    const at = bytes.length - (texts.length - index) * stride + 3;
    return type === 'f32' ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true);
  });
}

const digits = '0123456789';

function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function randomDecimal(draw: (n: number) => number, range: number): string {
  const text = Array.from({ length: 1 + draw(24) }, () => digits[draw(10)] ?? '0').join('');
  const point = draw(text.length + 1);
  const mantissa = `${text.slice(0, point) || '0'}.${text.slice(point)}`;
  return `${draw(2) ? '-' : ''}${mantissa}${draw(3) ? `e${draw(2) ? '-' : '+'}${draw(range)}` : ''}`;
}

function randomHex(draw: (n: number) => number, range: number): string {
  const text = Array.from({ length: 1 + draw(18) }, () => '0123456789abcdef'[draw(16)] ?? '0').join('');
  const point = 1 + draw(text.length);
  return `0x${text.slice(0, point)}.${text.slice(point)}p${draw(2) ? '-' : '+'}${draw(range)}`;
}

const edges = [
  '0', '-0', '1', 'inf', '-inf', 'nan', '-nan', 'nan:0x200000', '0x1p-149', '0x0.8p-149', '0x0.80000001p-149', '0x1.fffffep127', '16777217', '16777219',
  '1.17549435e-38', '1.17549428e-38', '1.4e-45', '7e-46', '0x1.000001p0', '0x1.0000011p0', '0x1.0000010000000001p0', '340282346638528859811704183484516925440', '1_000.5e1_0',
];

test('float literals round as wasm-tools rounds them', async () => {
  const draw = random(7);
  const f32Texts = [...edges, ...Array.from({ length: 2000 }, () => randomDecimal(draw, 14)), ...Array.from({ length: 1000 }, () => randomHex(draw, 60))];
  expect(f32Texts.map((text) => BigInt(f32Literal(text)))).toEqual(await encodedBits('f32', f32Texts));
  const f64Texts = ['0x1p-1074', '0x1.fffffffffffffp1023', '5e-324', '2e-324', '1e308', ...Array.from({ length: 2000 }, () => randomDecimal(draw, 280)), ...Array.from({ length: 1000 }, () => randomHex(draw, 900))];
  expect(f64Texts.map(f64Literal)).toEqual(await encodedBits('f64', f64Texts));
});

test('integer literals wrap to their width', () => {
  expect(integerLiteral('-1', 32)).toBe(0xffffffffn);
  expect(integerLiteral('0x8000_0000', 32)).toBe(0x80000000n);
  expect(integerLiteral('-0x8000000000000000', 64)).toBe(0x8000000000000000n);
  expect(integerLiteral('-5', 8)).toBe(251n);
});
