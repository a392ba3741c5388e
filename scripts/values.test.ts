// Arguments are read by type, results keep their bits.

import { describe, expect, it } from 'vitest';
import { jsonOf, readArgument, textOf } from './values.ts';

describe('values on the command line', () => {
  it('reads numbers by the type of the parameter', () => {
    expect(readArgument('i32', '0xffffffff')).toEqual({ type: 'i32', bits: -1 });
    expect(readArgument('i64', '-9223372036854775808')).toEqual({ type: 'i64', bits: -(2n ** 63n) });
    expect(readArgument('f32', '-0')).toEqual({ type: 'f32', bits: 0x80000000 });
    expect(readArgument('f64', 'nan:0x4000000000000')).toEqual({ type: 'f64', bits: 0x7ff4000000000000n });
    expect(readArgument('externref', '7')).toEqual({ type: 'ref', kind: 'extern', id: 7 });
  });

  it('says what is wrong with an argument', () => {
    expect(() => readArgument('i32', 'seven')).toThrow("'seven' is no i32");
    expect(() => readArgument('i32', '4294967296')).toThrow("'4294967296' is no i32");
    expect(() => readArgument('funcref', '7')).toThrow("'7' is no funcref");
  });

  it('keeps the bits of floats', () => {
    expect(jsonOf({ type: 'f32', bits: 0x7fa00000 })).toEqual({ type: 'f32', value: 'nan', bits: '0x7fa00000' });
    expect(jsonOf({ type: 'f64', bits: 0x8000000000000000n })).toEqual({ type: 'f64', value: '-0', bits: '0x8000000000000000' });
    expect(textOf({ type: 'f32', bits: 0x3fc00000 })).toBe('1.5 : f32 (0x3fc00000)');
  });
});
