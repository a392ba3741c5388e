// Ways to spoil a right allocation, each a mistake that an allocator (or its caller) has made or could make.
// A spoiler answers a changed problem and allocation, or undefined where it finds nothing to spoil. Changing the problem stands for an
// allocator that overlooked the changed fact. Not every result is wrong: a register may have been dead.

import { constraintOf, constraints, detailOfOperand, isDef, isLate } from '../operand.ts';
import type { Operand } from '../operand.ts';
import { type Allocation, type Moves, type Problem, firstSlotLocation } from '../problem.ts';
import type { Choose } from './random-problem.ts';

export interface Spoiled {
  readonly p: Problem;
  readonly a: Allocation;
}
type Spoiler = (p: Problem, a: Allocation, choose: Choose) => Spoiled | undefined;

const lateBit = 1 << 21;

function pickWhere(length: number, choose: Choose, wanted: (index: number) => boolean): number {
  if (length === 0) return -1;
  const start = choose(length);
  for (let i = 0; i < length; i++) if (wanted((start + i) % length)) return (start + i) % length;
  return -1;
}

function otherLocation(p: Problem, a: Allocation, choose: Choose, location: number): number {
  const pool = [...p.registers.allocatable[location >= 32 && location < firstSlotLocation ? 1 : 0]];
  if (location >= firstSlotLocation) pool.push(...a.slotBytes.keys().map((s) => s + firstSlotLocation));
  return pool[choose(pool.length)] ?? location;
}

function withLocation(p: Problem, a: Allocation, operand: number, location: number): Spoiled | undefined {
  if (a.locations[operand] === location) return undefined;
  const locations = a.locations.slice();
  locations[operand] = location;
  return { p, a: { ...a, locations } };
}

const operandOf = (p: Problem, k: number): Operand => (p.operands[k] ?? 0) as Operand;
const instructionOf = (p: Problem, k: number): number => p.operandStart.findLastIndex((start) => start <= k);

function withMoves(p: Problem, a: Allocation, order: readonly number[], change: (moves: { -readonly [K in keyof Moves]: Moves[K] }) => void = () => {}): Spoiled {
  const moves = {
    before: Int32Array.from(order, (m) => a.moves.before[m] ?? 0),
    from: Int32Array.from(order, (m) => a.moves.from[m] ?? 0),
    to: Int32Array.from(order, (m) => a.moves.to[m] ?? 0),
    bytes: Uint8Array.from(order, (m) => a.moves.bytes[m] ?? 0),
  };
  change(moves);
  return { p, a: { ...a, moves } };
}

const allMoves = (a: Allocation): number[] => Array.from(a.moves.to.keys());

function withOperand(p: Problem, a: Allocation, k: number, operand: number): Spoiled {
  const operands = p.operands.slice();
  operands[k] = operand;
  return { p: { ...p, operands }, a };
}

const isEdgeMove = (p: Problem, a: Allocation, m: number): boolean => {
  const inst = a.moves.before[m] ?? 0;
  const block = p.blockStart.findLastIndex((start) => start <= inst);
  return inst === p.blockStart[block] || inst + 1 === p.blockStart[block + 1];
};

function otherUseLocation(p: Problem, a: Allocation, choose: Choose, k: number): Spoiled | undefined {
  return k < 0 ? undefined : withLocation(p, a, k, otherLocation(p, a, choose, a.locations[k] ?? 0));
}

export const spoilers: Readonly<Record<string, Spoiler>> = {
  'a use reads another location': (p, a, choose) =>
    otherUseLocation(
      p,
      a,
      choose,
      pickWhere(p.operands.length, choose, (k) => !isDef(operandOf(p, k))),
    ),
  'a def writes another location': (p, a, choose) =>
    otherUseLocation(
      p,
      a,
      choose,
      pickWhere(p.operands.length, choose, (k) => isDef(operandOf(p, k))),
    ),
  'an operand of a branch is elsewhere': (p, a, choose) => {
    const ends = new Set(Array.from(p.blockStart.slice(1), (end) => end - 1));
    return otherUseLocation(
      p,
      a,
      choose,
      pickWhere(p.operands.length, choose, (k) => ends.has(instructionOf(p, k))),
    );
  },
  'a temporary shares a register with a result': (p, a, choose) => {
    const temp = pickWhere(p.operands.length, choose, (k) => isDef(operandOf(p, k)) && !isLate(operandOf(p, k)));
    if (temp < 0) return undefined;
    const inst = instructionOf(p, temp);
    const start = p.operandStart[inst] ?? 0;
    const other = pickWhere((p.operandStart[inst + 1] ?? 0) - start, choose, (i) => start + i !== temp);
    return other < 0 ? undefined : withLocation(p, a, temp, a.locations[start + other] ?? 0);
  },
  'a move is missing': (p, a, choose) => {
    if (a.moves.to.length === 0) return undefined;
    const lost = choose(a.moves.to.length);
    return withMoves(p, a, allMoves(a).filter((m) => m !== lost));
  },
  'a move of an edge is missing': (p, a, choose) => {
    const lost = pickWhere(a.moves.to.length, choose, (m) => isEdgeMove(p, a, m));
    return lost < 0 ? undefined : withMoves(p, a, allMoves(a).filter((m) => m !== lost));
  },
  'two moves of one place change order': (p, a, choose) => {
    const first = pickWhere(a.moves.to.length - 1, choose, (m) => a.moves.before[m] === a.moves.before[m + 1]);
    if (first < 0) return undefined;
    const order = allMoves(a);
    order[first] = first + 1;
    order[first + 1] = first;
    return withMoves(p, a, order);
  },
  'a move stands one instruction too late': (p, a, choose) => {
    const m = pickWhere(a.moves.to.length, choose, (i) => (a.moves.before[i] ?? 0) + 1 < p.operandStart.length - 1 && a.moves.before[i + 1] !== a.moves.before[i]);
    if (m < 0) return undefined;
    return withMoves(p, a, allMoves(a), (moves) => (moves.before[m] = (moves.before[m] ?? 0) + 1));
  },
  'a move reads another location': (p, a, choose) => {
    if (a.moves.to.length === 0) return undefined;
    const m = choose(a.moves.to.length);
    return withMoves(p, a, allMoves(a), (moves) => (moves.from[m] = otherLocation(p, a, choose, moves.from[m] ?? 0)));
  },
  'a move writes another location': (p, a, choose) => {
    if (a.moves.to.length === 0) return undefined;
    const m = choose(a.moves.to.length);
    return withMoves(p, a, allMoves(a), (moves) => (moves.to[m] = otherLocation(p, a, choose, moves.to[m] ?? 0)));
  },
  'a move is too narrow': (p, a, choose) => {
    const m = pickWhere(a.moves.to.length, choose, (i) => (a.moves.bytes[i] ?? 0) > 4);
    return m < 0 ? undefined : withMoves(p, a, allMoves(a), (moves) => (moves.bytes[m] = (moves.bytes[m] ?? 0) / 2));
  },
  'two slots overlap': (p, a, choose) => {
    if (a.slotOffset.length < 2) return undefined;
    const slot = choose(a.slotOffset.length);
    const other = (slot + 1 + choose(a.slotOffset.length - 1)) % a.slotOffset.length;
    const slotOffset = a.slotOffset.slice();
    slotOffset[slot] = (a.slotOffset[other] ?? 0) & -(a.slotBytes[slot] ?? 16);
    return { p, a: { ...a, slotOffset } };
  },
  'two slots become one': (p, a, choose) => {
    if (a.slotBytes.length < 2) return undefined;
    const kept = choose(a.slotBytes.length);
    const lost = pickWhere(a.slotBytes.length, choose, (s) => s !== kept && a.slotBytes[s] === a.slotBytes[kept]);
    if (lost < 0) return undefined;
    const renamed = (location: number): number => (location === firstSlotLocation + lost ? firstSlotLocation + kept : location);
    const { before, from, to, bytes } = a.moves;
    return { p, a: { ...a, locations: a.locations.map(renamed), moves: { before, from: from.map(renamed), to: to.map(renamed), bytes } } };
  },
  'a slot is too small': (p, a, choose) => {
    const slot = pickWhere(a.slotBytes.length, choose, (s) => (a.slotBytes[s] ?? 0) > 4);
    if (slot < 0) return undefined;
    const slotBytes = a.slotBytes.slice();
    slotBytes[slot] = (slotBytes[slot] ?? 0) / 2;
    return { p, a: { ...a, slotBytes } };
  },
  'a clobber was overlooked': (p, a, choose) => {
    const inst = choose(p.operandStart.length - 1);
    const c = choose(2) === 0 ? 0 : 1;
    const pool = p.registers.allocatable[c];
    const register = pool[choose(pool.length)] ?? 0;
    const clobberInt = p.clobberInt.slice();
    const clobberFloat = p.clobberFloat.slice();
    if (c === 0) clobberInt[inst] = (clobberInt[inst] ?? 0) | (1 << register);
    else clobberFloat[inst] = (clobberFloat[inst] ?? 0) | (1 << (register & 31));
    return { p: { ...p, clobberInt, clobberFloat }, a };
  },
  'a fixed register was mistaken': (p, a, choose) => {
    const k = pickWhere(p.operands.length, choose, (i) => constraintOf(operandOf(p, i)) === constraints.fixed);
    if (k < 0) return undefined;
    return withOperand(p, a, k, (p.operands[k] ?? 0) ^ (1 << (25 + choose(3))));
  },
  'a late use was taken for an early one': (p, a, choose) => {
    const k = pickWhere(p.operands.length, choose, (i) => !isDef(operandOf(p, i)) && !isLate(operandOf(p, i)));
    return k < 0 ? undefined : withOperand(p, a, k, (p.operands[k] ?? 0) | lateBit);
  },
  'an early def was taken for a late one': (p, a, choose) => {
    const k = pickWhere(p.operands.length, choose, (i) => isDef(operandOf(p, i)) && isLate(operandOf(p, i)) && constraintOf(operandOf(p, i)) !== constraints.reuse);
    return k < 0 ? undefined : withOperand(p, a, k, (p.operands[k] ?? 0) & ~lateBit);
  },
  'a two-address result names another operand': (p, a, choose) => {
    const k = pickWhere(p.operands.length, choose, (i) => constraintOf(operandOf(p, i)) === constraints.reuse);
    if (k < 0) return undefined;
    const detail = detailOfOperand(operandOf(p, k)) ^ 1;
    return withOperand(p, a, k, (p.operands[k] ?? 0) % (1 << 25) | (detail << 25));
  },
  'two arguments of an edge change places': (p, a, choose) => {
    const k = pickWhere(p.arguments.length - 1, choose, (i) => {
      const same = !p.argumentStart.includes(i + 1);
      const kind = (v: number | undefined): string => `${p.vregClass[v ?? 0]} ${p.vregBytes[v ?? 0]}`;
      return same && p.arguments[i] !== p.arguments[i + 1] && kind(p.arguments[i]) === kind(p.arguments[i + 1]);
    });
    if (k < 0) return undefined;
    const changed = p.arguments.slice();
    changed[k] = p.arguments[k + 1] ?? 0;
    changed[k + 1] = p.arguments[k] ?? 0;
    return { p: { ...p, arguments: changed }, a };
  },
};
