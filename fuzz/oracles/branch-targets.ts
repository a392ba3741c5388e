// Do the branches in emitted code lead where allocated code says? Read back from the bytes, and held against where the blocks were laid down.
//
// What ends a block is walked once for every way its conditions can come out: the walk must leave it for the very block that the terminator names then,
// whatever form the emitter chose: the opposite condition and falling through, or a short branch over a long one.
// A branch in front of that belongs to a single instruction: it skips to a place in the same block, or leads to an out-of-line trap; and the traps that a
// block's branches and calls lead to are those that its instructions state, in order.
// Not followed: jump tables, and jumps by way of a register, which only functions near the reach of a direct jump need.

import {
  type AllocatedCode, blockCountOf, type DecodedInstruction, endInstOf, firstCellOf, firstInstOf, isRegisterKind, type OperandShape, originOfInst, rowOfInst, type RowShape, successorOf, type Target, trapCodes,
} from '../../compiler/inside.ts';

/** Where one function's parts came to lie, in bytes from its start. */
export interface Placed {
  readonly code: AllocatedCode;
  readonly target: Target;
  /** The function's bytes. */
  readonly bytes: Uint8Array;
  /** Bytes of instructions. */
  readonly length: number;
  readonly blockStart: Int32Array;
  readonly terminatorStart: Int32Array;
  readonly coldStart: number;
  /** The function's lines of the trap table, in order of their places. */
  readonly traps: readonly { readonly at: number; readonly code: number; readonly origin: number }[];
}

interface BranchFault {
  /** The row of the branch. */
  readonly name: string;
  readonly text: string;
}

/** Beyond so many bytes an emitter may jump by way of a register. */
const directReach = 0x80000;
/** More instructions than any terminator has. */
const mostSteps = 8;

const blockOperand = ({ operands }: RowShape): OperandShape | undefined => operands.find(({ kind, field }) => kind === 'block' && field !== '');
const conditionsOf = ({ operands }: RowShape): readonly OperandShape[] => operands.filter(({ kind }) => kind === 'condition');

class BranchReader {
  private readonly placed: Placed;
  private readonly decoded = new Map<number, DecodedInstruction>();
  /** Traps as `code:origin`: by their places, and those behind the blocks by where they begin. */
  private readonly trapAt = new Map<number, string>();
  private readonly coldTrapFrom = new Map<number, string>();

  constructor(placed: Placed) {
    this.placed = placed;
    // A jump table may lie between blocks: what is no instruction is passed over up to the next place that is known to hold one.
    const known = [...placed.blockStart, ...placed.terminatorStart, placed.coldStart, placed.length].filter((at) => at >= 0).sort((a, b) => a - b);
    let at = 0;
    for (const next of known) {
      while (at < next) {
        const instruction = placed.target.maybeDecode(placed.bytes, at);
        if (instruction === undefined) break;
        this.decoded.set(at, instruction);
        at += instruction.length;
      }
      at = next;
    }
    let start = placed.coldStart;
    for (const { at, code, origin } of placed.traps) {
      const trap = `${code}:${origin}`;
      this.trapAt.set(at, trap);
      if (at < placed.coldStart) continue;
      this.coldTrapFrom.set(start, trap);
      start = at + 1;
    }
  }

  /** Where a direct branch at `at` leads; undefined for what is none. */
  private targetAt(at: number, { shape, cells, length }: DecodedInstruction): number | undefined {
    const operand = blockOperand(shape);
    if (operand === undefined) return undefined;
    return at + (this.placed.target.displacementsFrom === 'end' ? length : 0) + (cells[operand.cell] ?? 0);
  }

  /** The block that control reaches by way of `block`: itself, unless it is left out because it only jumps. */
  private forwarded(block: number): number {
    const { blockStart, code: { vcode } } = this.placed;
    let end = block;
    while ((blockStart[end] ?? -1) < 0) end = successorOf(vcode, end, 0);
    return end;
  }

  fault(): BranchFault | undefined {
    const { code: { vcode }, target, blockStart, terminatorStart, coldStart } = this.placed;
    const stackCheck = vcode.stackCheck === undefined ? [] : [`${trapCodes.stackOverflow}:${vcode.stackCheck}`];
    const inPrologue = this.bodyFault('the prologue', 0, blockStart[0] ?? 0, stackCheck);
    if (inPrologue !== undefined) return inPrologue;
    for (let block = 0; block < blockCountOf(vcode); block++) {
      const start = blockStart[block] ?? -1;
      if (start < 0) continue;
      const end = blockStart.subarray(block + 1).find((next) => next >= 0) ?? coldStart;
      const last = endInstOf(vcode, block) - 1;
      const { row } = target.instructions.shape(rowOfInst(vcode, last));
      const hasOwnTargets = row.ends === 'jump' || row.ends === 'branch' || row.ends === 'table';
      const bodyEnd = hasOwnTargets ? (terminatorStart[block] ?? end) : end;
      const fault = this.bodyFault(`block${block}`, start, bodyEnd, this.statedTraps(block, hasOwnTargets ? last : last + 1)) ?? this.terminatorFault(block, bodyEnd, end, last);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Traps of a block's instructions that leave for a trap of their own, as `code:origin`, in order. */
  private statedTraps(block: number, end: number): string[] {
    const { code: { vcode }, target } = this.placed;
    const stated: string[] = [];
    for (let inst = firstInstOf(vcode, block); inst < end; inst++) {
      const operand = target.instructions.shape(rowOfInst(vcode, inst)).operands.find(({ kind }) => kind === 'trap');
      if (operand !== undefined) stated.push(`${vcode.cells.at(firstCellOf(vcode, inst) + operand.cell)}:${originOfInst(vcode, inst)}`);
    }
    return stated;
  }

  private bodyFault(where: string, start: number, end: number, stated: readonly string[]): BranchFault | undefined {
    const met: { readonly trap: string; readonly at: number; readonly row: string }[] = [];
    for (let at = start; at < end; ) {
      const decoded = this.decoded.get(at);
      if (decoded === undefined) return undefined;
      const to = this.targetAt(at, decoded);
      const row = decoded.shape.name;
      // The last block may end where the out-of-line traps begin; nothing skips to there.
      const isSkip = to !== undefined && to > at && to <= end && to !== this.placed.coldStart && (to === end || this.decoded.has(to));
      if (to !== undefined && !isSkip) {
        const trap = this.coldTrapFrom.get(to);
        if (trap === undefined) return { name: row, text: `${row} at ${at} in ${where} leads to ${to}, where neither a trap begins nor an instruction of the same block` };
        met.push({ trap, at, row });
      }
      // A trap by a call has the call's last byte as its place, one by a memory access the first, and no access is a single byte.
      const call = this.trapAt.get(at + decoded.length - 1);
      if (call !== undefined) met.push({ trap: call, at, row });
      at += decoded.length;
    }
    const wrong = met.findIndex(({ trap }, i) => trap !== stated[i]);
    const first = met[wrong];
    if (first !== undefined) return { name: first.row, text: `${first.row} at ${first.at} in ${where} leads to the trap with code and origin ${first.trap}; ${stated[wrong] ?? 'none'} is stated` };
    if (met.length < stated.length) return { name: 'trap', text: `no branch of ${where} leads to the trap with code and origin ${stated[met.length] ?? ''}` };
    return undefined;
  }

  private terminatorFault(block: number, start: number, end: number, inst: number): BranchFault | undefined {
    const { code: { vcode }, target, blockStart, length } = this.placed;
    const shape = target.instructions.shape(rowOfInst(vcode, inst));
    const { ends } = shape.row;
    if (ends !== 'jump' && ends !== 'branch') return undefined;
    const first = firstCellOf(vcode, inst);
    const successors = shape.operands.filter(({ kind }) => kind === 'block').map(({ cell }) => this.forwarded(vcode.cells.at(first + cell)));
    const [then = -1, otherwise = -1] = successors;
    const atoms = ends === 'jump' ? 0 : shape.readsFlags ? conditionsOf(shape).length : 1;
    for (let outcome = 0; outcome < 1 << atoms; outcome++) {
      const wanted = ends === 'jump' || outcome !== 0 ? then : otherwise;
      const isTaken = (decoded: DecodedInstruction): boolean | undefined => this.isTaken(inst, shape, decoded, outcome);
      const walk = this.walk(start, end, isTaken);
      if (walk.kind === 'stray' && length > directReach) continue;
      if (walk.kind === 'left' && walk.at === blockStart[wanted]) continue;
      const way = ends === 'jump' ? '' : outcome === 0 ? ' when it does not branch' : ' when it branches';
      const led = walk.kind === 'left' ? `leads to ${walk.at}` : `comes upon ${walk.row} at ${walk.at}, which is not its branch`;
      return { name: walk.row ?? shape.name, text: `${shape.name} at the end of block${block}${way} ${led}, and block${wanted} is at ${blockStart[wanted] ?? -1}` };
    }
    return undefined;
  }

  /** Walks what ends a block: `left` for which place, by the branch of which row, or `stray`: what stands there is no branch of this terminator. */
  private walk(start: number, end: number, isTaken: (decoded: DecodedInstruction) => boolean | undefined): { readonly kind: 'left' | 'stray'; readonly at: number; readonly row: string | undefined } {
    let at = start;
    let row: string | undefined;
    for (let steps = 0; steps < mostSteps && at < end; steps++) {
      const decoded = this.decoded.get(at);
      const to = decoded === undefined ? undefined : this.targetAt(at, decoded);
      if (decoded === undefined || to === undefined) return { kind: 'stray', at, row: decoded?.shape.name ?? 'code' };
      const taken = decoded.shape.row.ends === 'branch' ? isTaken(decoded) : true;
      if (taken === undefined) return { kind: 'stray', at, row: decoded.shape.name };
      row = decoded.shape.name;
      if (taken && (to <= at || to >= end)) return { kind: 'left', at: to, row };
      at = taken ? to : at + decoded.length;
    }
    return { kind: 'left', at, row };
  }

  /** Whether a branch in the code is taken for an outcome of the terminator's conditions, a bit each; undefined when it depends on anything else. */
  private isTaken(inst: number, shape: RowShape, decoded: DecodedInstruction, outcome: number): boolean | undefined {
    const { code: { vcode, locations }, target } = this.placed;
    const first = firstCellOf(vcode, inst);
    const found = conditionsOf(decoded.shape)[0];
    const condition = found === undefined ? undefined : decoded.cells[found.cell];
    if (shape.readsFlags !== decoded.shape.readsFlags) return undefined;
    if (shape.readsFlags) {
      const wanted = conditionsOf(shape).map(({ cell }) => vcode.cells.at(first + cell));
      const same = wanted.findIndex((one) => one === condition);
      if (same >= 0) return (outcome >> same & 1) === 1;
      const opposite = wanted.findIndex((one) => condition !== undefined && one === (condition ^ 1));
      return opposite < 0 ? undefined : (outcome >> opposite & 1) === 0;
    }
    const isOwn = bitsOf(shape) === bitsOf(decoded.shape);
    if (!isOwn && (shape.row.opposite === undefined || target.instructions.numberOf(shape.row.opposite) !== decoded.shape.number)) return undefined;
    let isOpposite = !isOwn;
    for (const operand of decoded.shape.operands) {
      if (operand.kind === 'block' || operand.field === '') continue;
      const wanted = shape.operands.find(({ field }) => field === operand.field);
      if (wanted === undefined) return undefined;
      const value = wanted.role === 'pin' ? wanted.fixed : isRegisterKind(wanted.kind) ? locations[first + wanted.cell] : vcode.cells.at(first + wanted.cell);
      const read = decoded.cells[operand.cell];
      if (operand.kind === 'condition' && read !== undefined && read === ((value ?? -1) ^ 1)) isOpposite = !isOpposite;
      else if (read !== value) return undefined;
    }
    return (outcome === 1) !== isOpposite;
  }
}

const bitsOf = ({ number, row }: RowShape): number => ('bits' in row && typeof row.bits === 'number' ? row.bits : -1 - number);

/** What is wrong with the branches of one function; undefined when nothing is. */
export function branchFault(placed: Placed): BranchFault | undefined {
  return new BranchReader(placed).fault();
}
