// An allocation problem as plain objects, for parsers, generators and tests; `problemOfDraft` packs it.
// Backends write the packed arrays themselves.

import { bug } from '../base/errors.ts';
import { newInt32s } from '../base/storage.ts';
import type { Operand } from './operand.ts';
import type { Problem, RegisterFile } from './problem.ts';

export interface InstructionDraft {
  operands: Operand[];
  clobberInt: number;
  clobberFloat: number;
  isCopy: boolean;
}

export interface BlockDraft {
  parameters: number[];
  instructions: InstructionDraft[];
  successors: number[];
  /** What the only successor's parameters receive. */
  arguments: number[];
  loopDepth: number;
}

export interface VRegDraft {
  class: 0 | 1;
  bytes: number;
}

export interface ProblemDraft {
  registers: RegisterFile;
  vregs: VRegDraft[];
  blocks: BlockDraft[];
}

const startsOf = (lengths: readonly number[]): Int32Array => {
  const starts = newInt32s(lengths.length + 1);
  let sum = 0;
  lengths.forEach((length, i) => {
    sum += length;
    starts[i + 1] = sum;
  });
  return starts;
};

/** Packs `draft`; predecessors are derived. */
export function problemOfDraft(draft: ProblemDraft): Problem {
  const { blocks } = draft;
  const instructions = blocks.flatMap((b) => b.instructions);
  const predecessors: number[][] = blocks.map(() => []);
  blocks.forEach((b, i) => {
    for (const s of b.successors) (predecessors[s] ?? bug('successor is no block', `block${i}`)).push(i);
  });
  return {
    registers: draft.registers,
    vregClass: Uint8Array.from(draft.vregs, (v) => v.class),
    vregBytes: Uint8Array.from(draft.vregs, (v) => v.bytes),
    operandStart: startsOf(instructions.map((inst) => inst.operands.length)),
    operands: Int32Array.from(instructions.flatMap((inst) => inst.operands)),
    clobberInt: Int32Array.from(instructions, (inst) => inst.clobberInt),
    clobberFloat: Int32Array.from(instructions, (inst) => inst.clobberFloat),
    isCopy: Uint8Array.from(instructions, (inst) => (inst.isCopy ? 1 : 0)),
    blockStart: startsOf(blocks.map((b) => b.instructions.length)),
    successorStart: startsOf(blocks.map((b) => b.successors.length)),
    successors: Int32Array.from(blocks.flatMap((b) => b.successors)),
    predecessorStart: startsOf(predecessors.map((list) => list.length)),
    predecessors: Int32Array.from(predecessors.flat()),
    parameterStart: startsOf(blocks.map((b) => b.parameters.length)),
    parameters: Int32Array.from(blocks.flatMap((b) => b.parameters)),
    argumentStart: startsOf(blocks.map((b) => b.arguments.length)),
    arguments: Int32Array.from(blocks.flatMap((b) => b.arguments)),
    loopDepth: Uint8Array.from(blocks, (b) => b.loopDepth),
  };
}
