// Relaxed vector instructions: the standard allows several results, chosen once per implementation by global parameters R.
// Chapter: "Execution", section "Numerics", "Relaxed Operations". In the deterministic profile (the default here) every R is 0.
//
// Each choice below is the list position of the standard's `relaxed(R)[A0, …, An]`. To know whether another engine's result is permitted,
// run with each value of the parameter and compare: an engine must be consistent, so the set of permitted results is one per value.
import { at, double, int, single } from './cells.ts';
import type { Views } from './cells.ts';
import { addPairs, fromScratch, scratch, zip, zipF32, zipF64, S16, S32, S8 } from './vectors.ts';
import type { Binary, Map2, Shape, Unary } from './vectors.ts';
import { bitselect, q15multiply, swizzle, truncateF32, truncateF64 } from './vector-table.ts';
import { maximum, minimum, putF32, putF64 } from './floats.ts';
import { truncSatS32, truncSatU32 } from './convert.ts';
import { fusedMultiplyAdd32, fusedMultiplyAdd64 } from './fused.ts';
import { bug } from './outcome.ts';

export interface RelaxedChoices {
  /** 0: two roundings · 1: one. */
  readonly fmadd: 0 | 1;
  /** On NaNs and zeroes of opposite sign: 0 as fmin · 1 NaN, x, and x · 2 y, NaN, and y · 3 y, x, and the zero fmin picks;
   *  for a NaN as x, a NaN as y, and zeroes of opposite sign. */
  readonly fmin: 0 | 1 | 2 | 3;
  readonly fmax: 0 | 1 | 2 | 3;
  /** The second factor's lane: 0 signed · 1 unsigned. */
  readonly idot: 0 | 1;
  /** -1 × -1: 0 saturates · 1 wraps. */
  readonly iq15mulr: 0 | 1;
  /** Out of range and NaN: 0 saturates · 1 2^32-1 · 2 2^32-2 · 3 2^31. */
  readonly truncU: 0 | 1 | 2 | 3;
  /** Out of range and NaN: 0 saturates · 1 -2^31. */
  readonly truncS: 0 | 1;
  /** Indices 16..127: 0 give 0 · 1 are taken modulo 16. */
  readonly swizzle: 0 | 1;
  /** 0: mask used bit by bit · 1: its top bit stands for the lane. */
  readonly laneselect: 0 | 1;
}

export const deterministic: RelaxedChoices = { fmadd: 0, fmin: 0, fmax: 0, idot: 0, iq15mulr: 0, truncU: 0, truncS: 0, swizzle: 0, laneselect: 0 };

const relaxedSwizzle: Binary = (v, a, b) => {
  for (let i = 0; i < 16; i++) {
    const index = at(v.U8, b * 4 + i);
    scratch.U8[i] = index < 128 ? at(v.U8, a * 4 + index % 16) : 0;
  }
  fromScratch(v, a);
};

function truncS(choice: 0 | 1): (x: number) => number {
  if (choice === 0) return truncSatS32;
  return (x) => (Math.trunc(x) >= -0x8000_0000 && Math.trunc(x) < 0x8000_0000 ? Math.trunc(x) : -0x8000_0000);
}

function truncU(choice: 0 | 1 | 2 | 3): (x: number) => number {
  if (choice === 0) return truncSatU32;
  const otherwise = choice === 1 ? -1 : choice === 2 ? -2 : -0x8000_0000;
  return (x) => (Math.trunc(x) >= 0 && Math.trunc(x) < 0x1_0000_0000 ? Math.trunc(x) : otherwise);
}

const laneShapes: readonly { readonly shape: Shape; readonly long: boolean }[] = [
  { shape: S8, long: false }, { shape: S16, long: false }, { shape: S32, long: false }, { shape: S32, long: true },
];

/** The mask with each lane replaced by copies of its top bit. */
function spreadSign(v: Views, mask: number, { shape, long }: (typeof laneShapes)[number]): void {
  const cells = shape.lanes(v);
  for (let i = 0; i < shape.count; i++) {
    const lane = long ? i | 1 : i;
    cells[mask * shape.perInt + i] = at<number>(cells, mask * shape.perInt + lane) < 0 ? -1 : 0;
  }
}

/** relaxed_min and relaxed_max where the standard leaves a choice; `ordinary` elsewhere. */
function extremum(choice: 0 | 1 | 2 | 3, ordinary: Map2, zeroAt3: number): Map2 {
  if (choice === 0) return ordinary;
  return (x, y) => {
    if (x !== x) return choice === 1 ? NaN : y;
    if (y !== y) return choice === 2 ? NaN : x;
    if (x === 0 && y === 0 && !Object.is(x, y)) return choice === 1 ? x : choice === 2 ? y : zeroAt3;
    return ordinary(x, y);
  };
}

/** i16x8 products of neighbouring 8-bit lanes, added with saturation. */
function dot(v: Views, a: number, b: number, choice: 0 | 1): void {
  const second = choice === 0 ? v.I8 : v.U8;
  for (let i = 0; i < 8; i++) {
    const sum = wrap16(at(v.I8, a * 4 + 2 * i) * at<number>(second, b * 4 + 2 * i)) + wrap16(at(v.I8, a * 4 + 2 * i + 1) * at<number>(second, b * 4 + 2 * i + 1));
    scratch.I16[i] = Math.max(-32768, Math.min(32767, sum));
  }
  fromScratch(v, a);
}

function wrap16(x: number): number { return x << 16 >> 16; }

const pairs: Unary = addPairs(S16, S32);

/** Runs a relaxed instruction (0x100 and up) whose first operand is at int index `a`; the others follow. */
export function executeRelaxed(choices: RelaxedChoices, second: number, v: Views, a: number): void {
  const b = a + 4;
  const c = a + 8;
  switch (second) {
    case 0x100: (choices.swizzle === 0 ? swizzle : relaxedSwizzle)(v, a, b); break;
    case 0x101: truncateF32(truncS(choices.truncS))(v, a); break;
    case 0x102: truncateF32(truncU(choices.truncU))(v, a); break;
    case 0x103: truncateF64(truncS(choices.truncS))(v, a); break;
    case 0x104: truncateF64(truncU(choices.truncU))(v, a); break;
    case 0x105: case 0x106: { // f32x4.relaxed_madd, relaxed_nmadd
      const { I, F } = v;
      const fused = choices.fmadd === 1;
      for (let i = 0; i < 4; i++) {
        const x = second === 0x105 ? single(F, a + i) : -single(F, a + i);
        putF32(I, F, a + i, fused ? fusedMultiplyAdd32(x, single(F, b + i), single(F, c + i)) : Math.fround(x * single(F, b + i)) + single(F, c + i));
      }
      break;
    }
    case 0x107: case 0x108: { // f64x2.relaxed_madd, relaxed_nmadd
      const { I, D } = v;
      const fused = choices.fmadd === 1;
      for (let i = 0; i < 2; i++) {
        const x = second === 0x107 ? double(D, (a >> 1) + i) : -double(D, (a >> 1) + i);
        const y = double(D, (b >> 1) + i);
        const z = double(D, (c >> 1) + i);
        putF64(I, D, a + 2 * i, fused ? fusedMultiplyAdd64(x, y, z) : x * y + z);
      }
      break;
    }
    case 0x109: case 0x10a: case 0x10b: case 0x10c:
      if (choices.laneselect === 1) spreadSign(v, c, laneShapes[second - 0x109] ?? bug('lane shape'));
      bitselect(v, a, b, c);
      break;
    case 0x10d: zipF32(extremum(choices.fmin, minimum, -0))(v, a, b); break;
    case 0x10e: zipF32(extremum(choices.fmax, maximum, 0))(v, a, b); break;
    case 0x10f: zipF64(extremum(choices.fmin, minimum, -0))(v, a, b); break;
    case 0x110: zipF64(extremum(choices.fmax, maximum, 0))(v, a, b); break;
    case 0x111: zip(S16, choices.iq15mulr === 0 ? q15multiply : (x, y) => wrap16((x * y + 0x4000) >> 15))(v, a, b); break;
    case 0x112: dot(v, a, b, choices.idot); break;
    case 0x113: {
      dot(v, a, b, choices.idot);
      pairs(v, a);
      for (let i = 0; i < 4; i++) v.I[a + i] = int(v.I, a + i) + int(v.I, c + i);
      break;
    }
    default: bug(`opcode fd ${second}`);
  }
}
