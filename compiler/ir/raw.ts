// Reads a function's storage as it lies there, without following aliases and without trusting any index: for the verifier,
// which must describe a broken function where the ordinary accessors would loop or answer nonsense.

import type { Inst } from '../base/entity.ts';
import { newBytes } from '../base/storage.ts';
import { type IrFunction, instCount, opcodeOf, recordLayout, valueCount } from './function.ts';
import { rowOf } from './opcodes.ts';
import { fixedOperands } from './typing.ts';

/** What is wrong with where an instruction's operands, lists, block calls and results point; empty if everything points into the tables. */
export function storageFaultsOf(f: IrFunction, inst: Inst): string[] {
  const faults: string[] = [];
  const cell = inst * recordLayout.stride + recordLayout.firstOperandCell;
  const opcode = opcodeOf(f, inst);
  const format = rowOf(opcode).format;
  const a = f.records.at(cell);
  const b = f.records.at(cell + 1);
  const c = f.records.at(cell + 2);
  const value = (index: number, what: string): void => {
    if (!(index >= 0 && index < valueCount(f))) faults.push(`${what} is v${index}, which does not exist`);
  };
  const list = (start: number, count: number, what: string): boolean => {
    if (start >= 0 && count >= 0 && start + count <= f.pool.length) return true;
    faults.push(`${what} lies outside the pool`);
    return false;
  };
  const call = (start: number, what: string): void => {
    if (!list(start, 2, what)) return;
    const block = f.pool.at(start);
    const count = f.pool.at(start + 1);
    if (!(block >= 0 && block < f.firstInst.length)) faults.push(`${what} names block${block}, which does not exist`);
    if (!list(start + 2, count, what)) return;
    for (let i = 0; i < count; i++) value(f.pool.at(start + 2 + i), `argument ${i} of ${what}`);
  };

  const fixed = fixedOperands(opcode);
  for (let i = 0; i < fixed; i++) value(f.records.at(cell + i), `operand ${i}`);
  if (fixed < 0 && list(a, b, 'operand list')) for (let i = 0; i < b; i++) value(f.pool.at(a + i), `operand ${i}`);
  if (format === 'jump') call(a, 'target');
  else if (format === 'brif') {
    call(b, 'first target');
    call(c, 'second target');
  } else if (format === 'br_table' && list(b, 1, 'jump table') && list(b + 1, f.pool.at(b), 'jump table')) {
    for (let i = 0; i < f.pool.at(b); i++) call(f.pool.at(b + 1 + i), `target ${i}`);
  }

  const first = f.records.at(inst * recordLayout.stride + recordLayout.firstResultCell);
  const count = f.records.at(inst * recordLayout.stride + recordLayout.resultCountCell);
  for (let i = 0; i < count; i++) {
    value(first + i, `result ${i}`);
    if (f.valueDefinition.at(first + i) !== inst || f.valueNumber.at(first + i) !== i) faults.push(`v${first + i} is not recorded as its result ${i}`);
  }
  return faults;
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
