// Removes operations whose results nobody needs, and block parameters that nothing reads.
// Needs:  nothing.
// Leaves: same CFG, same traps, stores and calls. A load that may trap stays; a guarded operation goes, for the check before it does the trapping.
// Method: marks what is needed from the roots (checks, stores, calls, branches), backwards over operands; an argument of a branch is needed
//         only if the parameter is. Then sweeps. Circles of parameters that feed only each other are never marked.
// Cost:   linear in instructions, arguments and edges.

import { type Block, type Inst, type Value, asValue } from '../base/entity.ts';
import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { newBytes } from '../base/storage.ts';
import { trapOfFlags } from '../analysis/aliases.ts';
import { type Cfg, computeCfg, isReachable, predecessorAt, predecessorCount, reachableCount, reversePostorderAt, successorNumberAt } from '../analysis/cfg.ts';
import {
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  detailOf,
  instCount,
  keepArguments,
  keepParameters,
  maybeDefinitionOf,
  maybeFirstBlock,
  maybeFirstInst,
  maybeFirstParameter,
  maybeNextBlock,
  maybeNextInst,
  maybeNextParameter,
  maybeParameterBlockOf,
  opcodeOf,
  operandAt,
  operandCount,
  parameterAt,
  parameterCount,
  removeInst,
  successorAt,
  successorCount,
  terminatorOf,
  valueCount,
  valueNumberOf,
} from '../ir/function.ts';
import { rowOf } from '../ir/opcodes.ts';

export function eliminateDeadCode(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const needed = newBytes(valueCount(f));
  const kept = newBytes(instCount(f));
  const work: number[] = [];
  const need = (value: Value): void => {
    if (needed[value] === 1) return;
    needed[value] = 1;
    work.push(value);
  };
  const keep = (inst: Inst): void => {
    if (kept[inst] === 1) return;
    kept[inst] = 1;
    for (let i = 0; i < operandCount(f, inst); i++) need(operandAt(f, inst, i));
  };

  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) if (isRoot(f, i)) keep(i);
    // Without knowledge of who runs it, an unreachable block's branches need all they name.
    if (!isReachable(cfg, b)) needAllOf(f, b, need);
  }
  while (work.length > 0) {
    const value = asValue(work.pop() as number);
    const definition = maybeDefinitionOf(f, value);
    if (definition !== undefined) keep(definition);
    else needArguments(f, cfg, value, need);
  }
  // One change for the whole function: dead operations and dead parameters name each other, so that half of it would be ill-formed.
  if (!hasDead(f, cfg, kept, needed) || !control.may('eliminate-dead-code')) return;
  removeParameters(f, cfg, needed, control);
  sweep(f, cfg, kept, control);
}

function isRoot(f: IrFunction, inst: Inst): boolean {
  switch (rowOf(opcodeOf(f, inst)).effect) {
    case 'none':
    case 'guarded':
      return false;
    case 'load':
      return trapOfFlags(detailOf(f, inst)) !== 0;
    case 'store':
    case 'trap':
    case 'call':
    case 'control':
      return true;
  }
}

function needAllOf(f: IrFunction, block: Block, need: (value: Value) => void): void {
  for (let i = maybeFirstInst(f, block); i !== undefined; i = maybeNextInst(f, i)) {
    for (let n = 0; n < operandCount(f, i); n++) need(operandAt(f, i, n));
  }
  const last = terminatorOf(f, block);
  for (let s = 0; s < successorCount(f, last); s++) {
    const call = successorAt(f, last, s);
    for (let a = 0; a < argumentCount(f, call); a++) {
      need(argumentAt(f, call, a));
      need(parameterAt(f, blockOfCall(f, call), a));
    }
  }
}

/** Needs what the branches pass for a parameter. */
function needArguments(f: IrFunction, cfg: Cfg, parameter: Value, need: (value: Value) => void): void {
  const block = maybeParameterBlockOf(f, parameter) ?? bug('a value without definition', `v${parameter}`);
  const number = valueNumberOf(f, parameter);
  for (let e = 0; e < predecessorCount(cfg, block); e++) {
    const last = terminatorOf(f, predecessorAt(cfg, block, e));
    need(argumentAt(f, successorAt(f, last, successorNumberAt(cfg, block, e)), number));
  }
}

function hasDead(f: IrFunction, cfg: Cfg, kept: Uint8Array, needed: Uint8Array): boolean {
  for (let n = 0; n < reachableCount(cfg); n++) {
    const block = reversePostorderAt(cfg, n);
    if (n > 0) for (let v = maybeFirstParameter(f, block); v !== undefined; v = maybeNextParameter(f, v)) if (needed[v] === 0) return true;
    for (let i = maybeFirstInst(f, block); i !== undefined; i = maybeNextInst(f, i)) if (kept[i] === 0) return true;
  }
  return false;
}

function removeParameters(f: IrFunction, cfg: Cfg, needed: Uint8Array, control: Control): void {
  for (let n = 1; n < reachableCount(cfg); n++) {
    const block = reversePostorderAt(cfg, n);
    const kept = newBytes(parameterCount(f, block));
    let dead = 0;
    for (let v = maybeFirstParameter(f, block); v !== undefined; v = maybeNextParameter(f, v)) {
      if (needed[v] === 1) kept[valueNumberOf(f, v)] = 1;
      else dead++;
    }
    if (dead === 0) continue;
    control.fired('eliminate-dead-code/parameters');
    for (let e = 0; e < predecessorCount(cfg, block); e++) {
      const last = terminatorOf(f, predecessorAt(cfg, block, e));
      keepArguments(f, successorAt(f, last, successorNumberAt(cfg, block, e)), kept);
    }
    keepParameters(f, block, kept);
  }
}

function sweep(f: IrFunction, cfg: Cfg, kept: Uint8Array, control: Control): void {
  for (let n = 0; n < reachableCount(cfg); n++) {
    let next: Inst | undefined;
    for (let i = maybeFirstInst(f, reversePostorderAt(cfg, n)); i !== undefined; i = next) {
      next = maybeNextInst(f, i);
      if (kept[i] === 1) continue;
      control.fired('eliminate-dead-code');
      removeInst(f, i);
    }
  }
}
