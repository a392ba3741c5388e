// Relaxed vector instructions: each parameter has an operand for which its choices differ, and the deterministic choice is the ordinary instruction.
import { describe, expect, it } from 'vitest';
import { deterministic, executeRelaxed } from './relaxed.ts';
import type { RelaxedChoices } from './relaxed.ts';
import { viewsOf } from './cells.ts';

/** Runs an instruction on up to three vectors of four words; the result's words. */
function run(opcode: number, choices: Partial<RelaxedChoices>, ...operands: readonly (readonly number[])[]): number[] {
  const v = viewsOf(new ArrayBuffer(64));
  operands.forEach((words, i) => v.I.set(words, i * 4));
  executeRelaxed({ ...deterministic, ...choices }, opcode, v, 0);
  return Array.from(v.U32.subarray(0, 4));
}

function floats(...values: number[]): number[] {
  return [...new Int32Array(Float32Array.from(values).buffer)];
}

const one = floats(1, 1, 1, 1);
const NAN = 0x7fc0_0000;

describe('relaxed choices', () => {
  it('swizzle: an index from 16 to 127 gives zero, or is taken modulo 16; from 128 on always zero', () => {
    const lanes = [0x0403_0201, 0, 0, 0];
    const indices = [0x8010_1100, 0x0303_0303, 0x8080_8080, 0x8080_8080];
    expect(run(0x100, { swizzle: 0 }, lanes, indices)).toEqual([0x0000_0001, 0x0404_0404, 0, 0]);
    expect(run(0x100, { swizzle: 1 }, lanes, indices)).toEqual([0x0001_0201, 0x0404_0404, 0, 0]);
  });
  it('trunc: out of range and NaN', () => {
    const x = floats(NaN, 1e20, -1e20, 1.5);
    expect(run(0x101, { truncS: 0 }, x)).toEqual([0, 0x7fff_ffff, 0x8000_0000, 1]);
    expect(run(0x101, { truncS: 1 }, x)).toEqual([0x8000_0000, 0x8000_0000, 0x8000_0000, 1]);
    expect(run(0x102, { truncU: 0 }, x)).toEqual([0, 0xffff_ffff, 0, 1]);
    expect(([1, 2, 3] as const).map((truncU) => run(0x102, { truncU }, x)[0])).toEqual([0xffff_ffff, 0xffff_fffe, 0x8000_0000]);
  });
  it('madd: two roundings or one', () => {
    // (1 + 2^-23)² needs 47 bits; only the fused form still sees the last of them after the subtraction.
    const x = floats(1 + 2 ** -23, 1, 1, 1);
    const z = floats(-(1 + 2 ** -22), 0, 0, 0);
    expect(run(0x105, { fmadd: 0 }, x, x, z)).toEqual([0, ...one.slice(1)]);
    expect(run(0x105, { fmadd: 1 }, x, x, z)).toEqual([...floats(2 ** -46), ...one.slice(1)]);
    expect(run(0x106, { fmadd: 0 }, one, one, one)).toEqual([0, 0, 0, 0]);
  });
  it('laneselect: bit by bit, or by the top bit of each lane', () => {
    const a = [-1, -1, -1, -1];
    const zero = [0, 0, 0, 0];
    const mask = [0x8000_0001, 0x0000_0080, 0, -1];
    expect(run(0x10b, { laneselect: 0 }, a, zero, mask)).toEqual([0x8000_0001, 0x80, 0, 0xffff_ffff]);
    expect(run(0x10b, { laneselect: 1 }, a, zero, mask)).toEqual([0xffff_ffff, 0, 0, 0xffff_ffff]);
    expect(run(0x109, { laneselect: 1 }, a, zero, mask)).toEqual([0xff00_0000, 0xff, 0, 0xffff_ffff]);
    expect(run(0x10c, { laneselect: 1 }, a, zero, mask)).toEqual([0, 0, 0xffff_ffff, 0xffff_ffff]);
  });
  it('min: NaNs and zeroes of opposite sign', () => {
    const x = floats(NaN, 2, 0, -0);
    const y = floats(1, NaN, -0, 0);
    const minusZero = 0x8000_0000;
    const [f1, f2] = [floats(1)[0], floats(2)[0]];
    expect(run(0x10d, { fmin: 0 }, x, y)).toEqual([NAN, NAN, minusZero, minusZero]);
    expect(run(0x10d, { fmin: 1 }, x, y)).toEqual([NAN, f2, 0, minusZero]);
    expect(run(0x10d, { fmin: 2 }, x, y)).toEqual([f1, NAN, minusZero, 0]);
    expect(run(0x10d, { fmin: 3 }, x, y)).toEqual([f1, f2, minusZero, minusZero]);
    expect(run(0x10e, { fmax: 3 }, x, y)).toEqual([f1, f2, 0, 0]);
  });
  it('q15mulr: -1 × -1 saturates or wraps', () => {
    const x = [0x8000_8000, 0, 0, 0x4000_4000];
    expect(run(0x111, { iq15mulr: 0 }, x, x)).toEqual([0x7fff_7fff, 0, 0, 0x2000_2000]);
    expect(run(0x111, { iq15mulr: 1 }, x, x)).toEqual([0x8000_8000, 0, 0, 0x2000_2000]);
  });
  it('dot: the second factor signed or unsigned, the sum saturating', () => {
    const x = [0x0000_0101, 0x8080_8080, 0, 0];
    const y = [0x0000_8080, 0x8080_8080, 0, 0];
    expect(run(0x112, { idot: 0 }, x, y)).toEqual([0xff00, 0x7fff_7fff, 0, 0]);
    expect(run(0x112, { idot: 1 }, x, y)).toEqual([0x0100, 0x8000_8000, 0, 0]);
    expect(run(0x113, { idot: 0 }, x, y, [5, 5, 5, 5])).toEqual([0xffff_ff05, 0xfffe + 5, 5, 5]);
  });
});
