// Reads a function's storage as it lies there, without following aliases and without trusting any index: for the verifier,
// which must describe a broken function where the ordinary accessors would loop or answer nonsense.

import type { Inst } from '../base/entity.ts';
import { newBytes } from '../base/storage.ts';
import { type IrFunction, instCount, opcodeOf, recordLayout, valueCount } from './function.ts';
import { rowOf } from './opcodes.ts';
import { fixedOperands } from './typing.ts';

/** Adds what is wrong with where an instruction's operands, lists, block calls and results point; nothing if everything points into the tables. */
export function addStorageFaults(f: IrFunction, inst: Inst, faults: string[]): void {
  const cell = inst * recordLayout.stride + recordLayout.firstOperandCell;
  const opcode = opcodeOf(f, inst);
  const format = rowOf(opcode).format;
  const a = f.records.at(cell);
  const b = f.records.at(cell + 1);
  const c = f.records.at(cell + 2);
  const fixed = fixedOperands(opcode);
  for (let i = 0; i < fixed; i++) checkValue(f, f.records.at(cell + i), 'operand', i, faults);
  if (fixed < 0 && isList(f, a, b, 'operand list', faults)) for (let i = 0; i < b; i++) checkValue(f, f.pool.at(a + i), 'operand', i, faults);
  if (format === 'jump') checkCall(f, a, 'target', faults);
  else if (format === 'brif') {
    checkCall(f, b, 'first target', faults);
    checkCall(f, c, 'second target', faults);
  } else if (format === 'br_table' && isList(f, b, 1, 'jump table', faults) && isList(f, b + 1, f.pool.at(b), 'jump table', faults)) {
    for (let i = 0; i < f.pool.at(b); i++) checkCall(f, f.pool.at(b + 1 + i), `target ${i}`, faults);
  }

  const first = f.records.at(inst * recordLayout.stride + recordLayout.firstResultCell);
  const count = f.records.at(inst * recordLayout.stride + recordLayout.resultCountCell);
  for (let i = 0; i < count; i++) {
    checkValue(f, first + i, 'result', i, faults);
    if (f.valueDefinition.at(first + i) !== inst || f.valueNumber.at(first + i) !== i) faults.push(`v${first + i} is not recorded as its result ${i}`);
  }
}

// The words of a message come in parts, and are joined only when there is something to say: these run on every instruction of every function.

const isValue = (f: IrFunction, index: number): boolean => index >= 0 && index < valueCount(f);

function checkValue(f: IrFunction, index: number, what: string, number: number, faults: string[]): void {
  if (!isValue(f, index)) faults.push(`${what} ${number} is v${index}, which does not exist`);
}

function isList(f: IrFunction, start: number, count: number, what: string, faults: string[]): boolean {
  if (start >= 0 && count >= 0 && start + count <= f.pool.length) return true;
  faults.push(`${what} lies outside the pool`);
  return false;
}

function checkCall(f: IrFunction, start: number, what: string, faults: string[]): void {
  if (!isList(f, start, 2, what, faults)) return;
  const block = f.pool.at(start);
  const count = f.pool.at(start + 1);
  if (!(block >= 0 && block < f.firstInst.length)) faults.push(`${what} names block${block}, which does not exist`);
  if (!isList(f, start + 2, count, what, faults)) return;
  for (let i = 0; i < count; i++) if (!isValue(f, f.pool.at(start + 2 + i))) faults.push(`argument ${i} of ${what} is v${f.pool.at(start + 2 + i)}, which does not exist`);
}

/** A value whose chain of aliases never ends or leaves the table, or -1. */
export function brokenAlias(f: IrFunction): number {
  const count = valueCount(f);
  // 0 unseen, 1 on the chain being followed, 2 known to end.
  const state = newBytes(count);
  for (let start = 0; start < count; start++) {
    let value = start;
    while (state[value] === 0) {
      state[value] = 1;
      const target = f.valueAlias.at(value);
      if (target === -1) break;
      if (!(target >= 0 && target < count) || state[target] === 1) return start;
      value = target;
    }
    for (let v = start; v !== -1 && state[v] === 1; v = f.valueAlias.at(v)) state[v] = 2;
  }
  return -1;
}

/** What is wrong with the links between blocks and between instructions; empty if following them is safe. */
export function linkFaultsOf(f: IrFunction): string[] {
  const blocks = f.firstInst.length;
  let seen = 0;
  let previous = -1;
  for (let block = f.firstLayoutBlock; block !== -1; block = f.nextBlock.at(block)) {
    if (!(block >= 0 && block < blocks) || ++seen > blocks) return [`layout does not end, or leaves the table, after block${previous}`];
    if (f.previousBlock.at(block) !== previous) return [`block${block} does not link back to block${previous}`];
    previous = block;
    const fault = instLinkFault(f, block) ?? parameterLinkFault(f, block);
    if (fault !== undefined) return [fault];
  }
  return previous === f.lastLayoutBlock ? [] : [`the last block is block${previous}, recorded is block${f.lastLayoutBlock}`];
}

function instLinkFault(f: IrFunction, block: number): string | undefined {
  let previous = -1;
  let seen = 0;
  for (let inst = f.firstInst.at(block); inst !== -1; inst = f.nextInst.at(inst)) {
    if (!(inst >= 0 && inst < instCount(f)) || ++seen > instCount(f)) return `instructions of block${block} do not end, or leave the table, after inst${previous}`;
    if (f.previousInst.at(inst) !== previous) return `inst${inst} does not link back to inst${previous}`;
    if (f.blockOfInst.at(inst) !== block) return `inst${inst} stands in block${block} and is recorded in block${f.blockOfInst.at(inst)}`;
    previous = inst;
  }
  return previous === f.lastInst.at(block) ? undefined : `the last instruction of block${block} is inst${previous}, recorded is inst${f.lastInst.at(block)}`;
}

function parameterLinkFault(f: IrFunction, block: number): string | undefined {
  let count = 0;
  for (let v = f.firstParameter.at(block); v !== -1; v = f.nextParameter.at(v)) {
    if (!(v >= 0 && v < valueCount(f)) || count > valueCount(f)) return `parameters of block${block} do not end, or leave the table`;
    if (f.valueDefinition.at(v) !== ~block || f.valueNumber.at(v) !== count) return `v${v} is not recorded as parameter ${count} of block${block}`;
    count++;
  }
  return count === f.parameterCount.at(block) ? undefined : `block${block} has ${count} parameters, recorded are ${f.parameterCount.at(block)}`;
}
