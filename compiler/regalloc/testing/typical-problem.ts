// Allocation problems shaped like compiled wasm on a two-address machine with 13 integer and 15 float registers: mostly short
// instructions, structured control flow with natural loops, now and then a call that destroys everything. For measuring, not for laws:
// random-problem.ts reaches every corner, this file stays near the middle of the road.

import { asVReg } from '../../base/entity.ts';
import { type BlockDraft, type InstructionDraft, type ProblemDraft, problemOfDraft } from '../draft.ts';
import { type Operand, packOperand } from '../operand.ts';
import type { Problem } from '../problem.ts';
import type { Choose } from './random-problem.ts';

const range = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

interface Writer {
  readonly choose: Choose;
  readonly draft: ProblemDraft;
  /** Local variables of the wasm function: the virtual register that holds each one at this point. */
  locals: number[];
  /** Values on the operand stack or otherwise at hand, the most recent last. */
  recent: number[];
  block: BlockDraft;
  depth: number;
}

function fresh(w: Writer, float: boolean): number {
  w.draft.vregs.push(float ? { class: 1, bytes: 8 } : { class: 0, bytes: w.choose(2) === 0 ? 4 : 8 });
  return w.draft.vregs.length - 1;
}
function freshLike(w: Writer, vreg: number): number {
  const like = w.draft.vregs[vreg];
  if (like !== undefined) w.draft.vregs.push({ ...like });
  return w.draft.vregs.length - 1;
}
const isFloat = (w: Writer, vreg: number): boolean => w.draft.vregs[vreg]?.class === 1;

function some(w: Writer, float: boolean): number {
  const pool = w.choose(2) === 0 ? w.locals : w.recent.slice(-4);
  const fitting = pool.filter((v) => isFloat(w, v) === float);
  const all = fitting.length > 0 ? fitting : w.locals.filter((v) => isFloat(w, v) === float);
  return all[w.choose(all.length)] ?? 0;
}

const use = (v: number, constraint: 'register' | 'any' = 'register'): Operand => packOperand(asVReg(v), 'use', 'early', constraint);
const useFixed = (v: number, r: number): Operand => packOperand(asVReg(v), 'use', 'early', 'fixed', r);
const def = (v: number): Operand => packOperand(asVReg(v), 'def', 'late', 'register');
const defFixed = (v: number, r: number): Operand => packOperand(asVReg(v), 'def', 'late', 'fixed', r);
const reuse = (v: number, position: number): Operand => packOperand(asVReg(v), 'def', 'late', 'reuse', position);

function emit(w: Writer, operands: Operand[], clobberInt = 0, clobberFloat = 0): void {
  const instruction: InstructionDraft = { operands, clobberInt, clobberFloat, isCopy: false };
  w.block.instructions.push(instruction);
}

function keep(w: Writer, vreg: number): void {
  w.recent.push(vreg);
  if (w.choose(3) !== 0) return;
  const fitting = w.locals.flatMap((v, i) => (w.draft.vregs[v]?.class === w.draft.vregs[vreg]?.class && w.draft.vregs[v]?.bytes === w.draft.vregs[vreg]?.bytes ? [i] : []));
  const local = fitting[w.choose(fitting.length || 1)];
  if (local !== undefined) w.locals[local] = vreg;
}

function call(w: Writer): void {
  const operands: Operand[] = [];
  const count = w.choose(5);
  for (let i = 0; i < count; i++) operands.push(useFixed(some(w, false), i + 1));
  const result = fresh(w, false);
  operands.push(defFixed(result, 0));
  emit(w, operands, 0x1ffe, 0x7fff);
  keep(w, result);
}

function instruction(w: Writer, callsPerThousand: number): void {
  if (w.choose(1000) < callsPerThousand) return call(w);
  const float = w.choose(5) === 0;
  switch (w.choose(12)) {
    case 0:
    case 1: {
      const result = fresh(w, float);
      emit(w, [use(some(w, false)), def(result)]);
      return keep(w, result);
    }
    case 2:
      return emit(w, [use(some(w, false)), use(some(w, float))]);
    case 3: {
      const result = fresh(w, false);
      emit(w, [def(result)]);
      return keep(w, result);
    }
    case 4: {
      if (w.choose(3) !== 0) return emit(w, [use(some(w, false)), use(some(w, false), 'any')]);
      const source = some(w, false);
      const result = freshLike(w, source);
      emit(w, [use(source), useFixed(some(w, false), 1), reuse(result, 0)]);
      return keep(w, result);
    }
    default: {
      const source = some(w, float);
      const result = freshLike(w, source);
      emit(w, [use(source), use(some(w, float), 'any'), reuse(result, 0)]);
      return keep(w, result);
    }
  }
}

function open(w: Writer): number {
  w.block = { parameters: [], instructions: [], successors: [], arguments: [], loopDepth: w.depth };
  w.draft.blocks.push(w.block);
  return w.draft.blocks.length - 1;
}
function jump(w: Writer, target: number, values: readonly number[]): void {
  emit(w, []);
  w.block.successors.push(target);
  w.block.arguments.push(...values);
}

/** Locals that differ between two states become parameters of the join. */
function join(w: Writer, from: { block: BlockDraft; locals: number[] }[]): void {
  const target = open(w);
  const [first, ...others] = from;
  if (first === undefined) return;
  w.locals = [...first.locals];
  first.locals.forEach((v, i) => {
    if (others.every((other) => other.locals[i] === v)) return;
    const parameter = freshLike(w, v);
    w.block.parameters.push(parameter);
    w.locals[i] = parameter;
    for (const { block, locals } of from) block.arguments.push(locals[i] ?? 0);
  });
  for (const { block } of from) block.successors.push(target);
  w.recent = w.locals.slice(0, 4);
}

function body(w: Writer, budget: number, callsPerThousand: number): void {
  let left = budget;
  while (left > 0) {
    const straight = 1 + w.choose(8);
    for (let i = 0; i < straight; i++) instruction(w, callsPerThousand);
    left -= straight;
    const part = Math.min(left, 8 + w.choose(60));
    if (part < 8) continue;
    left -= part;
    if (w.choose(3) === 0 && w.depth < 3) loop(w, part, callsPerThousand);
    else choice(w, part, callsPerThousand);
  }
}

function choice(w: Writer, budget: number, callsPerThousand: number): void {
  emit(w, [use(some(w, false)), use(some(w, false), 'any')]);
  const fork = w.block;
  const locals = [...w.locals];
  const arms = [budget >> 1, w.choose(2) === 0 ? 0 : budget >> 1].map((size) => {
    fork.successors.push(open(w));
    w.locals = [...locals];
    w.recent = w.locals.slice(0, 4);
    body(w, size, callsPerThousand);
    emit(w, []);
    return { block: w.block, locals: w.locals };
  });
  join(w, arms);
}

function loop(w: Writer, budget: number, callsPerThousand: number): void {
  const before = w.block;
  emit(w, []);
  w.depth++;
  const header = open(w);
  before.successors.push(header);
  // A third of the locals change in the loop.
  const carried = w.locals.map((_, i) => i).filter(() => w.choose(3) === 0);
  const headerBlock = w.block;
  for (const i of carried) {
    before.arguments.push(w.locals[i] ?? 0);
    w.locals[i] = freshLike(w, w.locals[i] ?? 0);
    headerBlock.parameters.push(w.locals[i] ?? 0);
  }
  const fixed = [...w.locals];
  w.recent = w.locals.slice(0, 4);
  body(w, budget, callsPerThousand);
  emit(w, [use(some(w, false)), use(some(w, false), 'any')]);
  const latchFork = w.block;
  const end = [...w.locals];
  latchFork.successors.push(open(w));
  jump(w, header, carried.map((i) => end[i] ?? 0));
  w.depth--;
  latchFork.successors.push(open(w));
  // Behind the loop, what it did not carry has its old value.
  w.locals = fixed.map((v, i) => (carried.includes(i) ? (end[i] ?? v) : v));
  w.recent = w.locals.slice(0, 4);
}

export interface TypicalShape {
  readonly instructions: number;
  readonly locals: number;
  readonly callsPerThousand: number;
}

/** A problem of roughly `shape.instructions` instructions. */
export function typicalProblem(choose: Choose, shape: TypicalShape): Problem {
  const draft: ProblemDraft = { registers: { allocatable: [range(0, 13), range(32, 15)], scratch: [30, 62] }, vregs: [], blocks: [] };
  const w: Writer = { choose, draft, locals: [], recent: [], block: { parameters: [], instructions: [], successors: [], arguments: [], loopDepth: 0 }, depth: 0 };
  open(w);
  const parameters: Operand[] = [];
  for (let i = 0; i < shape.locals; i++) {
    const v = fresh(w, i % 4 === 3);
    w.locals.push(v);
    if (i < 4) parameters.push(defFixed(v, i % 4 === 3 ? 32 : i + 1));
  }
  emit(w, parameters);
  for (const v of w.locals.slice(4)) emit(w, [def(v)]);
  body(w, shape.instructions, shape.callsPerThousand);
  emit(w, [useFixed(some(w, false), 0)]);
  return problemOfDraft(draft);
}
