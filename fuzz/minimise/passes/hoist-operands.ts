// Puts an operand in the place of the instruction that takes it, converted where the types differ: a subtree becomes one of its children.

import { type Code, countInstructions, instruction } from '../../edit/instructions.ts';
import { allSites, largestFirst, type ModulePass } from './pass.ts';

/** Code that makes one numeric type of another, keeping bits where it can. */
const conversions: Readonly<Record<string, readonly string[]>> = {
  'i64 i32': ['i32.wrap_i64'], 'i32 i64': ['i64.extend_i32_u'], 'f32 i32': ['i32.reinterpret_f32'], 'i32 f32': ['f32.reinterpret_i32'], 'f64 i64': ['i64.reinterpret_f64'], 'i64 f64': ['f64.reinterpret_i64'],
  'f64 i32': ['i64.reinterpret_f64', 'i32.wrap_i64'], 'f32 f64': ['f64.promote_f32'], 'f64 f32': ['f32.demote_f64'], 'f32 i64': ['i32.reinterpret_f32', 'i64.extend_i32_u'],
};

/** The code behind an operand of one type that makes it another; undefined when there is none. */
export function maybeConversion(from: string, to: string): Code | undefined {
  return from === to ? [] : conversions[`${from} ${to}`]?.map((name) => instruction(name));
}

export const hoistOperands: ModulePass = {
  name: 'hoist-operands',
  propose: ({ m }) => largestFirst(allSites(m).flatMap(({ list, from, at, net, pops, operands, ends }) => {
    if (from === undefined || ends || net.length > 1) return [];
    const size = countInstructions(list.slice(from, at + 1));
    return operands.flatMap((operand, place) => {
      const type = pops[place];
      if (operand === undefined || type === undefined) return [];
      const code = list.slice(operand.from, operand.to + 1);
      const [wanted] = net;
      // A statement keeps its operand as something dropped.
      const behind = wanted === undefined ? [instruction('drop')] : maybeConversion(type, wanted);
      const by = behind === undefined ? [] : [...code, ...behind];
      return behind === undefined || countInstructions(by) >= size ? [] : [{ size: size - countInstructions(by), change: { kind: 'code' as const, list, from, to: at, by } }];
    });
  })),
};
