// Reads the text of print.ts. It accepts any readable problem and allocation, right or wrong: judging is the checker's business.

import { asVReg } from '../base/entity.ts';
import type { TextScanner } from '../base/text-scanner.ts';
import { type BlockDraft, type InstructionDraft, type ProblemDraft, problemOfDraft } from './draft.ts';
import { countMoves } from './move-list.ts';
import { type Constraint, constraints, maxVRegs, packOperand } from './operand.ts';
import { type Allocation, type Problem, firstSlotLocation } from './problem.ts';

export interface ParsedProblem {
  readonly name: string;
  readonly problem: Problem;
  /** Present if the text has a `slots` line. */
  readonly allocation: Allocation | undefined;
}

const maxSlots = 1 << 20;
const isConstraint = (word: string): word is Constraint => Object.hasOwn(constraints, word);

interface Answer {
  readonly locations: number[];
  readonly before: number[];
  readonly from: number[];
  readonly to: number[];
  readonly bytes: number[];
  readonly slotBytes: number[];
  readonly slotOffset: number[];
  spillBytes: number;
}

function maybeLocation(s: TextScanner): number | undefined {
  const int = s.maybeEntity('i');
  if (int !== undefined) return int < 32 ? int : s.fail('integer registers are i0 to i31');
  const float = s.maybeEntity('f');
  if (float !== undefined) return float < 32 ? 32 + float : s.fail('float registers are f0 to f31');
  const slot = s.maybeEntity('s');
  return slot === undefined ? undefined : slot < maxSlots ? firstSlotLocation + slot : s.fail('too many slots');
}
const location = (s: TextScanner): number => maybeLocation(s) ?? s.fail(`expected a location, found ${s.found()}`);

function register(s: TextScanner): number {
  const found = location(s);
  return found < firstSlotLocation ? found : s.fail('expected a register');
}

function registers(s: TextScanner): number[] {
  const list: number[] = [];
  while (s.looksAt('i') || s.looksAt('f')) list.push(register(s));
  return list;
}

function vregList(s: TextScanner): number[] {
  const list: number[] = [];
  if (!s.take('(')) return list;
  do list.push(s.entity('r', maxVRegs));
  while (s.take(','));
  s.expect(')');
  return list;
}

function header(s: TextScanner, draft: ProblemDraft, answer: Answer): boolean {
  s.expect('registers');
  const ints = registers(s);
  s.expect('/');
  const floats = registers(s);
  s.expect('/');
  s.expect('scratch');
  draft.registers = { allocatable: [ints, floats], scratch: [register(s), register(s)] };
  s.expectLineEnd();
  while (s.take('vregs')) {
    while (!s.atLineEnd()) {
      const int = s.maybeEntity('i');
      const bytes = int ?? s.entity('f', 17);
      if (bytes !== 4 && bytes !== 8 && bytes !== 16) s.fail('a virtual register has 4, 8 or 16 bytes');
      draft.vregs.push({ class: int === undefined ? 1 : 0, bytes });
    }
    s.skipLines();
  }
  if (!s.take('slots')) return false;
  while (!s.take('area')) {
    answer.slotBytes.push(Number(s.integer('slot size', 0n, 64n)));
    s.expect('@');
    answer.slotOffset.push(Number(s.integer('slot offset', 0n, 1n << 30n)));
  }
  answer.spillBytes = Number(s.integer('area size', 0n, 1n << 30n));
  s.expectLineEnd();
  return true;
}

function operand(s: TextScanner, draft: ProblemDraft, instruction: InstructionDraft, answer: Answer): void {
  const role = s.word('use, def or clobber');
  if (role !== 'use' && role !== 'def') s.fail(`expected use, def or clobber, found '${role}'`);
  const moment = s.take('late') ? 'late' : s.take('early') ? 'early' : role === 'use' ? 'early' : 'late';
  const vreg = s.entity('r', draft.vregs.length);
  const constraint = s.word('a constraint');
  if (!isConstraint(constraint)) s.fail(`no constraint is called '${constraint}'`);
  const detail = constraint === 'fixed' ? register(s) : constraint === 'reuse' ? Number(s.integer('operand number', 0n, 63n)) : 0;
  instruction.operands.push(packOperand(asVReg(vreg), role, moment, constraint, detail));
  answer.locations.push(s.take('@') ? location(s) : -1);
}

function instructionLine(s: TextScanner, draft: ProblemDraft, isCopy: boolean, answer: Answer): InstructionDraft {
  const instruction: InstructionDraft = { operands: [], clobberInt: 0, clobberFloat: 0, isCopy };
  if (s.atLineEnd()) return instruction;
  do {
    if (!s.take('clobber')) {
      operand(s, draft, instruction, answer);
      continue;
    }
    for (const r of registers(s)) {
      if (r < 32) instruction.clobberInt |= 1 << r;
      else instruction.clobberFloat |= 1 << (r & 31);
    }
  } while (s.take(','));
  return instruction;
}

function moveLine(s: TextScanner, before: number, answer: Answer): void {
  s.expect('.');
  answer.bytes.push(Number(s.integer('bytes', 0n, 255n)));
  answer.to.push(location(s));
  s.expect('<-');
  answer.from.push(location(s));
  answer.before.push(before);
}

function body(s: TextScanner, draft: ProblemDraft, answer: Answer): void {
  let instructions = 0;
  while (!s.take('}')) {
    const number = s.entity('block', maxVRegs);
    if (number !== draft.blocks.length) s.fail(`expected block${draft.blocks.length}`);
    const block: BlockDraft = { parameters: vregList(s), instructions: [], successors: [], arguments: [], loopDepth: 0 };
    if (s.take('depth')) block.loopDepth = Number(s.integer('loop depth', 0n, 255n));
    s.expect(':');
    s.expectLineEnd();
    draft.blocks.push(block);
    for (let open = true; open; s.expectLineEnd()) {
      const word = s.word('op, copy, move, to or end');
      if (word === 'op' || word === 'copy') {
        block.instructions.push(instructionLine(s, draft, word === 'copy', answer));
        instructions++;
      } else if (word === 'move') moveLine(s, instructions, answer);
      else if (word === 'to' || word === 'end') {
        if (word === 'to') {
          do block.successors.push(s.entity('block', maxVRegs));
          while (s.take(','));
          block.arguments = vregList(s);
        }
        open = false;
      } else s.fail(`expected op, copy, move, to or end, found '${word}'`);
    }
  }
}

/** Reads one problem at the scanner's place, with its allocation if it has one. */
export function parseProblem(s: TextScanner): ParsedProblem {
  const draft: ProblemDraft = { registers: { allocatable: [[], []], scratch: [0, 32] }, vregs: [], blocks: [] };
  const answer: Answer = { locations: [], before: [], from: [], to: [], bytes: [], slotBytes: [], slotOffset: [], spillBytes: 0 };
  s.skipLines();
  s.expect('problem');
  const name = s.word('a name');
  s.expect('{');
  s.expectLineEnd();
  const hasAnswer = header(s, draft, answer);
  body(s, draft, answer);
  if (draft.blocks.some((b) => b.successors.some((target) => target >= draft.blocks.length))) s.fail('a successor is no block');
  const problem = problemOfDraft(draft);
  if (!hasAnswer) return { name, problem, allocation: undefined };
  const moves = {
    before: Int32Array.from(answer.before),
    from: Int32Array.from(answer.from),
    to: Int32Array.from(answer.to),
    bytes: Uint8Array.from(answer.bytes),
  };
  const allocation = {
    locations: Int32Array.from(answer.locations),
    moves,
    slotOffset: Int32Array.from(answer.slotOffset),
    slotBytes: Int32Array.from(answer.slotBytes),
    spillBytes: answer.spillBytes,
    statistics: { ...countMoves(moves), splits: 0 },
  };
  return { name, problem, allocation };
}
