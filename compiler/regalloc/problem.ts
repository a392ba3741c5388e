// Problem in, allocation out: what a register allocator is given and what it answers, without a word about any ISA.
//
// Shape of the code, guaranteed by whoever makes a problem:
//   - instructions are numbered 0 … n-1 in layout order, blocks likewise; block b is [blockStart[b], blockStart[b+1]), never empty
//   - no critical edges: a block with several successors has successors with one predecessor each
//   - only a block with exactly one successor passes arguments, and its last instruction has no operands but may be a branch
//   - the last instruction of every block with exactly one successor has neither operands nor clobbers: moves of the edge stand before it
//   - the entry block has no parameters and no predecessors; parameters of the function are defs of its first instruction
//   - every use is dominated by its def
//   - an argument has the class and the bytes of the parameter that receives it; the two sides of a copy have one class, and the result
//     has no more bytes than the source. Whoever emits code drops a copy whose operands got one location, and emits all others
//   - clobbers name only registers that hold no result: a register both defined and clobbered by one instruction is an error
//   - `fixed` never names a scratch register, nor one register for two values at one half-point
//   - per class and half-point, an instruction demands (by `register`, `fixed`, `reuse`) no more registers than are allocatable
//   - bytes beyond `vregBytes` are garbage: code that counts on a cleared upper half declares 8 bytes
// Flow may be irreducible and blocks may be laid out in any order behind the entry, at some cost in quality.
//
// Locations: 0–31 integer registers, 32–63 float and vector registers, 64+i spill slot i.

export interface RegisterFile {
  /** Registers to hand out, in order of preference, per class (0 integer, 1 float and vector). */
  readonly allocatable: readonly [readonly number[], readonly number[]];
  /** One register per class that is never handed out: breaks cycles of moves and carries slot-to-slot moves. */
  readonly scratch: readonly [number, number];
}

/** Location of spill slot `slot`. */
export const firstSlotLocation = 64;

export interface Problem {
  readonly registers: RegisterFile;
  /** Class of each virtual register: 0 or 1. */
  readonly vregClass: Uint8Array;
  /** Bytes of each virtual register that are meaningful: 4, 8 or 16. A spill must keep at least these. */
  readonly vregBytes: Uint8Array;
  /** Operands of instruction i: `operands[operandStart[i]] … operands[operandStart[i+1]-1]`, packed as in operand.ts. */
  readonly operandStart: Int32Array;
  readonly operands: Int32Array;
  /** Per instruction, registers destroyed at its late half-point, as bit masks of locations 0–31 and 32–63. */
  readonly clobberInt: Int32Array;
  readonly clobberFloat: Int32Array;
  /** 1 for an instruction that only copies operand 0 (use) to operand 1 (def): the allocator should give both one location. */
  readonly isCopy: Uint8Array;
  readonly blockStart: Int32Array;
  /** Successors of block b: `successors[successorStart[b]] …`; predecessors likewise, in the order of the blocks. */
  readonly successorStart: Int32Array;
  readonly successors: Int32Array;
  readonly predecessorStart: Int32Array;
  readonly predecessors: Int32Array;
  /** Parameters of block b (virtual registers), and the arguments its only successor's parameters receive. */
  readonly parameterStart: Int32Array;
  readonly parameters: Int32Array;
  readonly argumentStart: Int32Array;
  readonly arguments: Int32Array;
  /** Loop depth of each block: how much a spill there costs. */
  readonly loopDepth: Uint8Array;
}

export const problemInstCount = (p: Problem): number => p.operandStart.length - 1;
export const problemBlockCount = (p: Problem): number => p.blockStart.length - 1;

/** Moves to insert, sorted by `before`, those of one place in execution order, already sequential (not parallel). */
export interface Moves {
  /** Index of the instruction in front of which the move stands. Moves for an edge stand before its block's last instruction, or at the head of its target. */
  readonly before: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Bytes moved: 4, 8 or 16. A register-to-register move of 4 bytes clears the rest of an integer register. */
  readonly bytes: Uint8Array;
}

export interface Allocation {
  /** Location of each operand, parallel to `Problem.operands`. */
  readonly locations: Int32Array;
  readonly moves: Moves;
  /** Per spill slot, byte offset within the spill area and size; slots whose contents are never live together may overlap. */
  readonly slotOffset: Int32Array;
  readonly slotBytes: Int32Array;
  /** Size of the spill area in bytes, a multiple of 16. */
  readonly spillBytes: number;
  /** What the allocator did, for statistics and as fuzzing features. */
  readonly statistics: { readonly spills: number; readonly reloads: number; readonly moves: number; readonly splits: number };
}
