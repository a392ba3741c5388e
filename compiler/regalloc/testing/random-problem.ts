// Random allocation problems for laws and fuzzing: a total, deterministic function of a choice source.
// Method: a spine of blocks with extra edges forwards and backwards (so loops, nested, overlapping and irreducible), critical edges split,
//         layout shuffled. Blocks are filled in spine order from values whose defs dominate them. Operands are drawn from templates of what
//         machines do (two-address, temporaries, fixed registers, calls, copies, many operands), and a budget per half-point turns a
//         demand that no allocator could meet into `any`.

import { asVReg } from '../../base/entity.ts';
import { type BlockDraft, type InstructionDraft, type ProblemDraft, type VRegDraft, problemOfDraft } from '../draft.ts';
import { type Constraint, type Operand, packOperand } from '../operand.ts';
import type { Problem, RegisterFile } from '../problem.ts';

/** Answers a number in `[0, n)`. */
export type Choose = (n: number) => number;

export interface RandomProblemLimits {
  /** Blocks on the spine, before edges are split. */
  readonly blocks: number;
  /** Instructions per block. */
  readonly instructions: number;
  /** Branches seldom lead backwards, and blocks stand in reverse postorder: what compilers make. */
  readonly isOrderly?: true;
  /** Put around each instruction, so that whoever draws knows what belongs together; it must call what it gets once. */
  readonly section?: (build: () => void) => void;
}

const kinds: readonly VRegDraft[] = [
  { class: 0, bytes: 4 },
  { class: 0, bytes: 8 },
  { class: 1, bytes: 4 },
  { class: 1, bytes: 8 },
  { class: 1, bytes: 16 },
];
const kindOf = (v: VRegDraft): number => kinds.findIndex((k) => k.class === v.class && k.bytes === v.bytes);

const range = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

function randomRegisters(choose: Choose): RegisterFile {
  const counts = [[13, 15], [2, 2], [3, 2], [4, 4], [6, 3], [24, 28], [1, 1]][choose(7)] ?? [13, 15];
  return { allocatable: [range(0, counts[0] ?? 13), range(32, counts[1] ?? 15)], scratch: [30, 62] };
}

/** What one instruction has taken so far, as sets of registers and counts of registers still to be chosen, per class. */
interface Budget {
  readonly fixedEarly: Set<number>;
  readonly fixedLate: Set<number>;
  readonly both: [number, number];
  readonly early: [number, number];
  readonly late: [number, number];
}

class Builder {
  readonly choose: Choose;
  readonly registers: RegisterFile;
  readonly vregs: VRegDraft[] = [];
  /** Virtual registers of each kind that may be used at this point. */
  available: number[][] = kinds.map(() => []);
  private budget: Budget = { fixedEarly: new Set(), fixedLate: new Set(), both: [0, 0], early: [0, 0], late: [0, 0] };
  private operands: Operand[] = [];
  private readonly fixedUses = new Map<number, number>();

  constructor(choose: Choose, registers: RegisterFile) {
    this.choose = choose;
    this.registers = registers;
  }

  fresh(kind: number): number {
    const draft = kinds[kind] ?? kinds[0];
    if (draft !== undefined) this.vregs.push({ ...draft });
    return this.vregs.length - 1;
  }

  /** Some available value, rather a recent one; -1 if there is none of this kind. */
  someValue(kind = this.choose(kinds.length)): number {
    const list = this.available[kind] ?? [];
    if (list.length === 0) return -1;
    const far = this.choose(3) === 0;
    const back = this.choose(far ? list.length : Math.min(list.length, 6));
    return list[list.length - 1 - back] ?? -1;
  }

  private classOf(vreg: number): 0 | 1 {
    return this.vregs[vreg]?.class ?? 0;
  }

  private holds(b: Budget): boolean {
    for (const c of [0, 1] as const) {
      const pool = this.registers.allocatable[c];
      const freeEarly = pool.filter((r) => !b.fixedEarly.has(r)).length;
      const freeLate = pool.filter((r) => !b.fixedLate.has(r)).length;
      const freeBoth = pool.filter((r) => !b.fixedEarly.has(r) && !b.fixedLate.has(r)).length;
      if (b.both[c] > freeBoth || b.both[c] + b.early[c] > freeEarly || b.both[c] + b.late[c] > freeLate) return false;
    }
    return true;
  }

  /** Applies `change` to the budget if it still holds afterwards. */
  private afford(change: (b: Budget) => void): boolean {
    const old = this.budget;
    const next: Budget = {
      fixedEarly: new Set(old.fixedEarly),
      fixedLate: new Set(old.fixedLate),
      both: [...old.both],
      early: [...old.early],
      late: [...old.late],
    };
    change(next);
    if (!this.holds(next)) return false;
    this.budget = next;
    return true;
  }

  begin(clobbers: readonly number[]): void {
    this.operands = [];
    this.fixedUses.clear();
    this.budget = { fixedEarly: new Set(), fixedLate: new Set(clobbers), both: [0, 0], early: [0, 0], late: [0, 0] };
  }

  use(vreg: number, wish: Constraint, moment: 'early' | 'late' = 'early', register = -1): boolean {
    if (vreg < 0) return false;
    const c = this.classOf(vreg);
    let constraint = wish;
    if (constraint === 'fixed') {
      const taken = this.fixedUses.get(register) ?? vreg;
      const free = taken === vreg && (this.fixedUses.has(register) || !this.budget.fixedEarly.has(register)) && (moment === 'early' || !this.budget.fixedLate.has(register));
      const granted =
        free &&
        this.afford((b) => {
          b.fixedEarly.add(register);
          if (moment === 'late') b.fixedLate.add(register);
        });
      if (granted) this.fixedUses.set(register, vreg);
      else constraint = 'any';
    } else if (constraint === 'register' && !this.afford((b) => (moment === 'late' ? b.both[c]++ : b.early[c]++))) constraint = 'any';
    this.operands.push(packOperand(asVReg(vreg), 'use', moment, constraint, constraint === 'fixed' ? register : 0));
    return true;
  }

  /** Adds a def; answers the virtual register, which becomes available with `finish`. */
  def(kind: number, wish: Constraint, moment: 'early' | 'late' = 'late', register = -1): number {
    const vreg = this.fresh(kind);
    const c = this.classOf(vreg);
    let constraint = wish;
    if (constraint === 'fixed') {
      const free = !this.budget.fixedLate.has(register) && (moment === 'late' || !this.budget.fixedEarly.has(register));
      const granted =
        free &&
        this.afford((b) => {
          b.fixedLate.add(register);
          if (moment === 'early') b.fixedEarly.add(register);
        });
      if (!granted) constraint = 'any';
    } else if (constraint === 'register' && !this.afford((b) => (moment === 'early' ? b.both[c]++ : b.late[c]++))) constraint = 'any';
    this.operands.push(packOperand(asVReg(vreg), 'def', moment, constraint, constraint === 'fixed' ? register : 0));
    return vreg;
  }

  /** A use and a def in one register; a plain pair if there is none to spare. */
  twoAddress(vreg: number): void {
    const kind = kindOf(this.vregs[vreg] ?? { class: 0, bytes: 4 });
    const c = this.classOf(vreg);
    if (!this.afford((b) => b.both[c]++)) {
      this.use(vreg, 'any');
      this.def(kind, 'any');
      return;
    }
    const position = this.operands.length;
    this.operands.push(packOperand(asVReg(vreg), 'use', 'early', 'register'));
    this.operands.push(packOperand(asVReg(this.fresh(kind)), 'def', 'late', 'reuse', position));
  }

  finish(clobbers: readonly number[], isCopy = false): InstructionDraft {
    let clobberInt = 0;
    let clobberFloat = 0;
    for (const r of clobbers) {
      if (r < 32) clobberInt |= 1 << r;
      else clobberFloat |= 1 << (r & 31);
    }
    const { operands } = this;
    for (const operand of operands) {
      const isDef = (operand & (1 << 20)) !== 0;
      const vreg = operand & 0xfffff;
      const draft = this.vregs[vreg];
      if (isDef && draft !== undefined) this.available[kindOf(draft)]?.push(vreg);
    }
    return { operands, clobberInt, clobberFloat, isCopy };
  }

  someRegister(c: 0 | 1): number {
    // Sometimes one that is never handed out, such as a stack or context pointer.
    if (this.choose(12) === 0) return c === 0 ? 29 : 61;
    const pool = this.registers.allocatable[c];
    return pool[this.choose(pool.length)] ?? 0;
  }

  private anyOrRegister(): Constraint {
    return this.choose(4) === 0 ? 'any' : 'register';
  }

  private usesOf(count: number): void {
    for (let i = 0; i < count; i++) this.use(this.someValue(), this.choose(20) === 0 ? 'stack' : this.anyOrRegister(), this.choose(10) === 0 ? 'late' : 'early');
  }

  instruction(): InstructionDraft {
    switch (this.choose(10)) {
      case 0: {
        const vreg = this.someValue();
        this.begin([]);
        if (vreg >= 0) this.twoAddress(vreg);
        this.usesOf(this.choose(3));
        return this.finish([]);
      }
      case 1:
        return this.fixedInstruction();
      case 2:
        return this.choose(3) === 0 ? this.call() : this.fixedInstruction();
      case 3: {
        const vreg = this.someValue();
        this.begin([]);
        if (vreg < 0) return this.finish([]);
        this.use(vreg, this.anyOrRegister());
        this.def(kindOf(this.vregs[vreg] ?? { class: 0, bytes: 4 }), this.anyOrRegister());
        return this.finish([], true);
      }
      case 4: {
        const clobbers = range(0, 3).map(() => this.someRegister(this.choose(2) === 0 ? 0 : 1)).filter((r) => r !== 29 && r !== 61);
        this.begin(clobbers);
        this.usesOf(this.choose(4));
        for (let i = this.choose(3); i > 0; i--) this.def(this.choose(kinds.length), this.anyOrRegister(), 'early');
        if (this.choose(2) === 1) this.def(this.choose(kinds.length), this.anyOrRegister());
        return this.finish(clobbers);
      }
      case 5: {
        this.begin([]);
        this.usesOf(this.choose(24));
        for (let i = this.choose(4); i > 0; i--) this.def(this.choose(kinds.length), this.choose(6) === 0 ? 'stack' : this.anyOrRegister());
        return this.finish([]);
      }
      default: {
        this.begin([]);
        this.usesOf(this.choose(4));
        if (this.choose(5) !== 0) this.def(this.choose(kinds.length), this.anyOrRegister());
        return this.finish([]);
      }
    }
  }

  private fixedInstruction(): InstructionDraft {
    const clobbers = this.choose(2) === 0 ? [] : [this.someRegister(0), this.someRegister(1)].filter((r) => r !== 29 && r !== 61);
    this.begin(clobbers);
    for (let i = this.choose(4); i > 0; i--) {
      const vreg = this.someValue();
      if (vreg >= 0) this.use(vreg, 'fixed', this.choose(5) === 0 ? 'late' : 'early', this.someRegister(this.classOf(vreg)));
    }
    this.usesOf(this.choose(3));
    for (let i = this.choose(3); i > 0; i--) {
      const kind = this.choose(kinds.length);
      this.def(kind, 'fixed', this.choose(6) === 0 ? 'early' : 'late', this.someRegister(kinds[kind]?.class ?? 0));
    }
    if (this.choose(2) === 1) this.def(this.choose(kinds.length), this.anyOrRegister());
    return this.finish(clobbers);
  }

  private call(): InstructionDraft {
    // Results in the first registers, which a call writes rather than destroys.
    const results = [this.choose(3), this.choose(2)] as const;
    const clobbers = ([0, 1] as const).flatMap((c) => this.registers.allocatable[c].slice(results[c]));
    this.begin(clobbers);
    const next: [number, number] = [0, 0];
    for (let i = this.choose(this.choose(4) === 0 ? 20 : 5); i > 0; i--) {
      const vreg = this.someValue();
      if (vreg < 0) continue;
      const c = this.classOf(vreg);
      const register = this.registers.allocatable[c][next[c]++];
      if (register === undefined || next[c] > 5) this.use(vreg, this.choose(2) === 0 ? 'any' : 'stack');
      else this.use(vreg, 'fixed', 'early', register);
    }
    for (const c of [0, 1] as const) {
      for (let i = 0; i < results[c]; i++) {
        const register = this.registers.allocatable[c][i];
        if (register !== undefined) this.def(c === 0 ? this.choose(2) : 2 + this.choose(3), 'fixed', 'late', register);
      }
    }
    for (let i = this.choose(8) === 0 ? this.choose(20) : 0; i > 0; i--) this.def(this.choose(kinds.length), 'any');
    return this.finish(clobbers);
  }

  branch(): InstructionDraft {
    this.begin([]);
    this.usesOf(this.choose(3));
    if (this.choose(4) === 3) this.def(this.choose(2), this.anyOrRegister(), 'early');
    if (this.choose(8) === 7) this.def(this.choose(kinds.length), this.anyOrRegister());
    if (this.choose(8) === 7) {
      const kind = this.choose(kinds.length);
      this.def(kind, 'fixed', 'late', this.someRegister(kinds[kind]?.class ?? 0));
    }
    return this.finish([]);
  }

  entry(): InstructionDraft[] {
    this.begin([]);
    const next: [number, number] = [0, 0];
    for (let i = this.choose(6); i > 0; i--) {
      const kind = this.choose(kinds.length);
      const c = kinds[kind]?.class ?? 0;
      const register = this.registers.allocatable[c][next[c]++];
      this.def(kind, register === undefined ? 'stack' : 'fixed', 'late', register ?? 0);
    }
    const first = this.finish([]);
    this.begin([]);
    kinds.forEach((_, kind) => this.def(kind, 'any'));
    return [first, this.finish([])];
  }
}

interface Graph {
  successors: number[][];
  spine: number;
  loopDepth: number[];
}

/** A spine with extra edges, critical edges split by blocks appended at the end. */
function randomGraph(choose: Choose, limit: number, isOrderly: boolean): Graph {
  const spine = 1 + choose(limit);
  const successors: number[][] = range(0, spine).map((i) => (i + 1 < spine ? [i + 1] : []));
  const loopDepth = range(0, spine).map(() => 0);
  for (let i = 0; i + 1 < spine; i++) {
    const extra = choose(4) === 0 ? choose(4) : choose(2);
    for (let e = 0; e < extra; e++) {
      const target = isOrderly ? (choose(8) === 0 ? Math.max(1, i - choose(8)) : i + 1 + choose(6)) : 1 + (choose(2) === 0 ? Math.max(0, i - choose(4)) : (i + choose(5)) % (spine - 1));
      if (target >= spine || successors[i]?.includes(target)) continue;
      successors[i]?.push(target);
      for (let k = target; k <= i; k++) loopDepth[k] = (loopDepth[k] ?? 0) + 1;
    }
  }
  const predecessorCount = range(0, spine).map(() => 0);
  for (const list of successors) for (const s of list) predecessorCount[s] = (predecessorCount[s] ?? 0) + 1;
  for (let i = 0; i < spine; i++) {
    const list = successors[i] ?? [];
    if (list.length < 2) continue;
    list.forEach((s, at) => {
      if ((predecessorCount[s] ?? 0) < 2) return;
      list[at] = successors.length;
      successors.push([s]);
      loopDepth.push(Math.min(loopDepth[i] ?? 0, loopDepth[s] ?? 0));
    });
  }
  return { successors, spine, loopDepth };
}

/** For each block, the blocks that dominate it, by iteration on sets: small graphs only. */
function dominatorsOf(successors: readonly number[][]): Set<number>[] {
  const all = new Set(successors.keys());
  const dominators = successors.map((_, b) => (b === 0 ? new Set([0]) : new Set(all)));
  for (let changed = true; changed; ) {
    changed = false;
    successors.forEach((list, b) => {
      for (const s of list) {
        const target = dominators[s];
        if (target === undefined) continue;
        for (const d of target) {
          if (d === s || dominators[b]?.has(d) === true) continue;
          target.delete(d);
          changed = true;
        }
      }
    });
  }
  return dominators;
}

/** A random problem; every choice source gives one. */
export function randomProblem(choose: Choose, limits: RandomProblemLimits = { blocks: 20, instructions: 8 }): Problem {
  return problemOfDraft(randomDraft(choose, limits));
}

export function randomDraft(choose: Choose, limits: RandomProblemLimits): ProblemDraft {
  const section = limits.section ?? ((build: () => void) => build());
  const graph = randomGraph(choose, limits.blocks, limits.isOrderly === true);
  const dominators = dominatorsOf(graph.successors);
  const builder = new Builder(choose, randomRegisters(choose));
  const predecessors: number[][] = graph.successors.map(() => []);
  graph.successors.forEach((list, b) => list.forEach((s) => predecessors[s]?.push(b)));
  const blocks: BlockDraft[] = graph.successors.map((list, b) => ({
    parameters: [],
    instructions: [],
    successors: [...list],
    arguments: [],
    loopDepth: Math.min(graph.loopDepth[b] ?? 0, 7),
  }));
  const defined: number[][][] = graph.successors.map(() => kinds.map(() => []));
  graph.successors.forEach((list, b) => {
    const block = blocks[b];
    if (block === undefined) return;
    builder.available = kinds.map((_, kind) => [...(dominators[b] ?? [])].sort((x, y) => x - y).flatMap((d) => (d === b ? [] : (defined[d]?.[kind] ?? []))));
    const inherited = builder.available.map((values) => values.length);
    const sole = (predecessors[b] ?? []).every((p) => graph.successors[p]?.length === 1);
    if (b !== 0 && sole) {
      for (let i = choose(4); i > 0; i--) {
        const kind = choose(kinds.length);
        const vreg = builder.fresh(kind);
        block.parameters.push(vreg);
        builder.available[kind]?.push(vreg);
      }
    }
    if (b === 0) block.instructions.push(...builder.entry());
    for (let i = b < graph.spine ? choose(limits.instructions) : 0; i > 0; i--) section(() => block.instructions.push(builder.instruction()));
    if (list.length === 1) {
      builder.begin([]);
      block.instructions.push(builder.finish([]));
    } else block.instructions.push(builder.branch());
    defined[b] = builder.available.map((values, kind) => values.slice(inherited[kind] ?? 0));
  });
  graph.successors.forEach((list, b) => {
    const target = blocks[list[0] ?? -1];
    const block = blocks[b];
    if (list.length !== 1 || target === undefined || block === undefined) return;
    builder.available = kinds.map((_, kind) => [...(dominators[b] ?? [])].sort((x, y) => x - y).flatMap((d) => defined[d]?.[kind] ?? []));
    for (const parameter of target.parameters) {
      const draft = builder.vregs[parameter];
      block.arguments.push(draft === undefined ? 0 : builder.someValue(kindOf(draft)));
    }
  });
  const draft = { registers: builder.registers, vregs: builder.vregs, blocks };
  return limits.isOrderly === true ? withOrder(draft, reversePostorder(blocks)) : shuffleLayout(choose, draft);
}

function reversePostorder(blocks: readonly BlockDraft[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (b: number): void => {
    if (seen.has(b)) return;
    seen.add(b);
    for (const s of blocks[b]?.successors ?? []) visit(s);
    order.unshift(b);
  };
  for (let b = 0; b < blocks.length; b++) visit(b);
  // Blocks that nothing leads to were visited last; the entry is first all the same.
  return [0, ...order.filter((b) => b !== 0)];
}

/** Permutes the blocks behind the entry, half of the time. */
function shuffleLayout(choose: Choose, draft: ProblemDraft): ProblemDraft {
  if (choose(2) === 0) return draft;
  const order = range(0, draft.blocks.length);
  for (let i = order.length - 1; i > 1; i--) {
    const j = 1 + choose(i);
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return withOrder(draft, order);
}

function withOrder(draft: ProblemDraft, order: readonly number[]): ProblemDraft {
  const position: number[] = [];
  order.forEach((b, at) => (position[b] = at));
  const blocks = order.flatMap((b) => draft.blocks[b] ?? []).map((block) => ({ ...block, successors: block.successors.map((s) => position[s] ?? 0) }));
  return { ...draft, blocks };
}
