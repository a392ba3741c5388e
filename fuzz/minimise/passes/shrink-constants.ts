// Makes constants, offsets and alignments smaller, towards 0.

import type { Change } from '../../edit/apply.ts';
import { type Argument, type Instruction, opcode } from '../../edit/instructions.ts';
import { allSites, type ModulePass, replaceOne } from './pass.ts';

/** Bits of floats that are simple: 0, 1, and the value without the low half of its fraction. */
const simpleFloats = { f32: [0, 0x3f800000], f64: [0n, 0x3ff0000000000000n] } as const;

function smaller({ row, args }: Instruction): Argument[][] {
  const [first = 0, second = 0] = args;
  switch (row.opcode) {
    case opcode.i32Const: {
      const value = Number(first);
      return [0, 1, value >>> 24 === 0 ? 0 : value & 0xff, Math.trunc(value / 2), value & -65536, value & 65535, -1].filter((less) => less !== value && (Math.abs(less) < Math.abs(value) || less === -1)).map((less) => [less]);
    }
    case opcode.i64Const: {
      const value = BigInt(first);
      const size = (x: bigint): bigint => (x < 0n ? -x : x);
      return [0n, 1n, value & 0xffn, value / 2n, BigInt.asIntN(32, value), BigInt.asUintN(32, value), value / 0x1_0000_0000n * 0x1_0000_0000n, -1n].filter((less) => size(less) < size(value) || (less === -1n && size(value) > 1n)).map((less) => [less]);
    }
    case opcode.f32Const: return [...simpleFloats.f32, (Number(first) & 0xffff0000) >>> 0].filter((bits) => bits !== first && Number(first) !== 0).map((bits) => [bits]);
    case opcode.f64Const: return [...simpleFloats.f64, BigInt(first) & ~0xffff_ffffn].filter((bits) => bits !== first && BigInt(first) !== 0n).map((bits) => [bits]);
    case opcode.v128Const: {
      const halves = [args.map(() => 0), args.map((byte, place) => (place < 8 ? byte : 0)), args.map((byte, place) => (place < 8 ? 0 : byte))];
      return halves.filter((bytes) => bytes.some((byte, place) => byte !== args[place]));
    }
    default: break;
  }
  if (row.immediate !== 'memarg' && row.immediate !== 'memargLane') return [];
  const offset = BigInt(second);
  const rest = args.slice(2);
  return [...(offset === 0n ? [] : [[first, 0n, ...rest], [first, offset / 2n, ...rest]]), ...(Number(first) === 0 ? [] : [[0, second, ...rest]])];
}

export const shrinkConstants: ModulePass = {
  name: 'shrink-constants',
  propose: ({ m }) => allSites(m).flatMap((site): Change[] => smaller(site.one).map((args) => replaceOne(site, [{ row: site.one.row, args }]))),
};
