// The checker's naive twin: forwards, with sets, by the textbook definition, at any cost.
// State: for each location the set of virtual registers whose meaningful bytes it holds. Meet: intersection. A block not yet reached has
// no state. A def removes its register from every set. It judges the flow of values only, not the shape of single instructions.

import { type Operand, isDef, vregOf } from '../operand.ts';
import { type Allocation, type Problem, firstSlotLocation, problemBlockCount } from '../problem.ts';

type Contents = Map<number, Set<number>>;

const overlapping = (a: Allocation, x: number, y: number): boolean => {
  if (x < firstSlotLocation || y < firstSlotLocation) return x === y;
  const start = (l: number): number => a.slotOffset[l - firstSlotLocation] ?? 0;
  const end = (l: number): number => start(l) + (a.slotBytes[l - firstSlotLocation] ?? 0);
  return start(x) < end(y) && start(y) < end(x);
};

function write(a: Allocation, state: Contents, location: number, held: Set<number>): void {
  for (const other of state.keys()) if (overlapping(a, location, other)) state.delete(other);
  state.set(location, held);
}

function define(a: Allocation, state: Contents, location: number, vreg: number): void {
  for (const set of state.values()) set.delete(vreg);
  write(a, state, location, new Set([vreg]));
}

/** True if on every path each use reads a location that holds its value. */
export function flowIsRight(p: Problem, a: Allocation): boolean {
  const blocks = problemBlockCount(p);
  const bytesOf = (v: number): number => p.vregBytes[v] ?? 0;
  const moveAt: number[][] = [];
  a.moves.before.forEach((inst, m) => (moveAt[inst] ??= []).push(m));
  let right = true;

  const stepInstruction = (state: Contents, inst: number, judge: boolean): void => {
    const range = [p.operandStart[inst] ?? 0, p.operandStart[inst + 1] ?? 0] as const;
    const operands = Array.from({ length: range[1] - range[0] }, (_, i) => ({
      operand: p.operands[range[0] + i] as Operand,
      location: a.locations[range[0] + i] ?? -1,
    }));
    if (judge) {
      for (const { operand, location } of operands) if (!isDef(operand) && state.get(location)?.has(vregOf(operand)) !== true) right = false;
    }
    const [source, result] = operands;
    if (p.isCopy[inst] === 1 && source !== undefined && result !== undefined && bytesOf(vregOf(result.operand)) <= bytesOf(vregOf(source.operand))) {
      const to = vregOf(result.operand);
      for (const set of state.values()) set.delete(to);
      const content = [...(state.get(source.location) ?? [])];
      const copied = source.location === result.location ? content : content.filter((v) => bytesOf(v) <= bytesOf(to));
      if (content.includes(vregOf(source.operand))) copied.push(to);
      write(a, state, result.location, new Set(copied));
    } else for (const { operand, location } of operands) if (isDef(operand)) define(a, state, location, vregOf(operand));
    for (let r = 0; r < 64; r++) if ((((r < 32 ? p.clobberInt[inst] : p.clobberFloat[inst]) ?? 0) >>> (r & 31)) & 1) state.delete(r);
    for (const scratch of p.registers.scratch) state.delete(scratch);
  };

  const stepMove = (state: Contents, m: number): void => {
    const from = a.moves.from[m] ?? -1;
    const to = a.moves.to[m] ?? -1;
    if (from === to) return;
    const moved = [...(state.get(from) ?? [])].filter((v) => bytesOf(v) <= (a.moves.bytes[m] ?? 0));
    write(a, state, to, new Set(moved));
  };

  const walk = (b: number, entry: Contents, judge: boolean): Contents => {
    const state: Contents = new Map([...entry].map(([l, set]) => [l, new Set(set)]));
    for (let inst = p.blockStart[b] ?? 0; inst < (p.blockStart[b + 1] ?? 0); inst++) {
      for (const m of moveAt[inst] ?? []) stepMove(state, m);
      for (const scratch of p.registers.scratch) state.delete(scratch);
      stepInstruction(state, inst, judge);
    }
    return state;
  };

  const crossEdge = (b: number, successor: number, exit: Contents): Contents => {
    const parameters = p.parameters.slice(p.parameterStart[successor], p.parameterStart[successor + 1]);
    const args = p.arguments.slice(p.argumentStart[b], p.argumentStart[b + 1]);
    const state: Contents = new Map();
    for (const [location, set] of exit) {
      const after = new Set([...set].filter((v) => !parameters.includes(v)));
      parameters.forEach((parameter, k) => {
        if (set.has(args[k] ?? -1)) after.add(parameter);
      });
      state.set(location, after);
    }
    return state;
  };

  const entries: (Contents | undefined)[] = Array.from({ length: blocks }, () => undefined);
  entries[0] = new Map();
  const work = [0];
  for (let b = work.pop(); b !== undefined; b = work.pop()) {
    const exit = walk(b, entries[b] ?? new Map(), false);
    for (let e = p.successorStart[b] ?? 0; e < (p.successorStart[b + 1] ?? 0); e++) {
      const successor = p.successors[e] ?? 0;
      const incoming = crossEdge(b, successor, exit);
      const known = entries[successor];
      if (known === undefined) {
        entries[successor] = incoming;
        work.push(successor);
        continue;
      }
      let changed = false;
      for (const [location, set] of known) {
        for (const v of set) if (incoming.get(location)?.has(v) !== true) changed = set.delete(v) || changed;
      }
      if (changed) work.push(successor);
    }
  }
  for (let b = 0; b < blocks; b++) {
    const entry = entries[b];
    if (entry !== undefined) walk(b, entry, true);
  }
  return right;
}
