// Reasoning about patterns when a rule list is loaded: which ways round a pattern can match, and which patterns take all that another matches.
// `covers` may answer false for a pattern that does cover, never true for one that does not.

import { bug } from '../base/errors.ts';
import { type Opcode, rowOf } from './opcodes.ts';
import type { ConstantTerm, OpTerm, Term } from './pattern.ts';
import { type Type, i64 } from './types.ts';
import { type Shape, anyTypes, fixedOperands } from './typing.ts';

const maxVariants = 16;

/** A pattern with the operands of commutative operations in every order that could matter, as written first. */
export function variantsOf(term: Term): Term[] {
  const uses = new Map<number, number>();
  countSlots(term, uses);
  const variants = expand(term, uses);
  if (variants.length > maxVariants) bug(`pattern matches in ${variants.length} orders, more than ${maxVariants}`);
  return variants;
}

function countSlots(term: Term, uses: Map<number, number>): void {
  if (term.slot >= 0) uses.set(term.slot, (uses.get(term.slot) ?? 0) + 1);
  if (term.kind === 'op') for (const operand of term.operands) countSlots(operand, uses);
}

function expand(term: Term, uses: ReadonlyMap<number, number>): Term[] {
  if (term.kind === 'any' || term.operands.length === 0) return [term];
  let combinations: Term[][] = [[]];
  for (const operand of term.operands) {
    const choices = expand(operand, uses);
    combinations = combinations.flatMap((head) => choices.map((choice) => [...head, choice]));
  }
  const [first, second] = term.operands;
  const symmetric = (t: Term | undefined): boolean => t !== undefined && t.kind === 'any' && (t.slot < 0 || uses.get(t.slot) === 1);
  const swaps = rowOf(term.opcode).commutative === true && !(symmetric(first) && symmetric(second) && first?.types === second?.types);
  const orders = swaps ? [...combinations, ...combinations.map((operands) => operands.toReversed())] : combinations;
  return orders.map((operands) => ({ ...term, operands }));
}

/** True if every instruction that `later` matches (its value of a type in `types`) is matched by `earlier` too. */
export function covers(earlier: Term, later: Term, types: number): boolean {
  return coversTerm(earlier, later, types, new Map());
}

/** `bound`: what stands in `later` where `earlier` captures. */
function coversTerm(earlier: Term, later: Term, types: number, bound: Map<number, Term>): boolean {
  if (earlier.slot >= 0) {
    const before = bound.get(earlier.slot);
    if (before === undefined) bound.set(earlier.slot, later);
    // A repeated capture needs equal values, which `later` only promises by repeating a capture itself.
    else if (before.slot < 0 || before.slot !== later.slot) return false;
  }
  const laterTypes = later.types & types;
  if ((laterTypes & ~earlier.types) !== 0) return false;
  if (earlier.kind === 'any') return true;
  if (later.kind === 'any' || earlier.opcode !== later.opcode) return false;
  if ((later.conditions & ~earlier.conditions) !== 0) return false;
  if (!coversConstant(earlier.constant, later.constant, laterTypes)) return false;
  for (let i = 0; i < earlier.operands.length; i++) {
    const operand = later.operands[i];
    if (operand === undefined) {
      if (!isAnything(earlier.operands[i] as Term)) return false;
    } else if (!coversTerm(earlier.operands[i] as Term, operand, anyTypes, bound)) return false;
  }
  return true;
}

function isAnything(term: Term): boolean {
  return term.kind === 'any' && term.types === anyTypes;
}

function coversConstant(earlier: ConstantTerm | undefined, later: ConstantTerm | undefined, types: number): boolean {
  if (earlier === undefined || (earlier.equals === undefined && earlier.test === undefined)) return true;
  if (later === undefined) return false;
  if (earlier.equals !== undefined) return earlier.equals === later.equals;
  if (later.equals === undefined) return earlier.test === later.test;
  const low = Number(BigInt.asIntN(32, later.equals));
  const high = Number(BigInt.asIntN(32, later.equals >> 32n));
  for (let type = 1; type < 5; type++) if ((types >> type) & 1 && earlier.test?.(low, high, type as Type) !== true) return false;
  return true;
}

/** True if a term matches every well-typed instruction of this opcode and shape. */
export function isFloor(term: Term, opcode: Opcode, shape: Shape): boolean {
  const general: OpTerm = {
    kind: 'op',
    opcode,
    slot: -1,
    types: shape.result === 0 ? anyTypes : 1 << shape.result,
    operands: Array.from({ length: Math.max(0, fixedOperands(opcode)) }, (_, i) => ({ kind: 'any', slot: -1, types: operandTypesIn(opcode, shape, i) })),
    constant: { slot: -1, equals: undefined, test: undefined },
    conditions: -1,
    conditionSlot: -1,
    memorySlot: -1,
  };
  return covers(term, general, anyTypes);
}

/** Types of operand `number` in instructions of this shape. */
function operandTypesIn(opcode: Opcode, shape: Shape, number: number): number {
  const row = rowOf(opcode);
  if (number === 0) return 1 << shape.operand;
  if (row.format === 'ternary') return 1 << shape.result;
  if (row.format === 'store') return 1 << i64;
  return 1 << shape.operand;
}
