// Replaces block parameters that always get one and the same value by that value.
// Needs:  nothing.
// Leaves: same CFG, same instructions; parameters replaced by aliases, their arguments gone.
// Method: the value of a parameter is what every branch passes for it, the parameter itself left out; that value's definition dominates every
//         branch, hence the block. Rounds over all edges until nothing changes, because one replacement makes others possible.
// Cost:   linear per round; rounds are bounded, and two are the rule.
// Source: Braun et al., "Simple and Efficient Construction of Static Single Assignment Form", 2013 (trivial phis).

import type { Control } from '../base/control.ts';
import type { Block, Value } from '../base/entity.ts';
import { newBytes } from '../base/storage.ts';
import { type Cfg, computeCfg, predecessorAt, predecessorCount, reachableCount, reversePostorderAt, successorNumberAt, targetsOfUnreachable } from '../analysis/cfg.ts';
import {
  type IrFunction,
  argumentAt,
  keepArguments,
  keepParameters,
  maybeFirstParameter,
  maybeNextParameter,
  parameterCount,
  replaceValue,
  resolve,
  successorAt,
  terminatorOf,
} from '../ir/function.ts';

const maxRounds = 8;

export function removeRedundantParameters(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const frozen = targetsOfUnreachable(f, cfg);
  for (let round = 0; round < maxRounds; round++) {
    let changed = false;
    for (let n = 1; n < reachableCount(cfg); n++) {
      const block = reversePostorderAt(cfg, n);
      if (!frozen.has(block) && reduce(f, cfg, block, control)) changed = true;
    }
    if (!changed) return;
  }
}

function reduce(f: IrFunction, cfg: Cfg, block: Block, control: Control): boolean {
  const count = parameterCount(f, block);
  if (count === 0) return false;
  const kept = newBytes(count).fill(1);
  let redundant = 0;
  let number = 0;
  let next: Value | undefined;
  for (let v = maybeFirstParameter(f, block); v !== undefined; v = next) {
    next = maybeNextParameter(f, v);
    const only = onlyValue(f, cfg, block, v, number);
    if (only !== undefined && control.may('remove-redundant-parameters')) {
      control.fired('remove-redundant-parameters');
      replaceValue(f, v, only);
      kept[number] = 0;
      redundant++;
    }
    number++;
  }
  if (redundant === 0) return false;
  for (let e = 0; e < predecessorCount(cfg, block); e++) {
    keepArguments(f, successorAt(f, terminatorOf(f, predecessorAt(cfg, block, e)), successorNumberAt(cfg, block, e)), kept);
  }
  keepParameters(f, block, kept);
  return true;
}

/** The one value that all branches to `block` pass for parameter `number`, if there is just one. */
function onlyValue(f: IrFunction, cfg: Cfg, block: Block, parameter: Value, number: number): Value | undefined {
  let only: Value | undefined;
  for (let e = 0; e < predecessorCount(cfg, block); e++) {
    const call = successorAt(f, terminatorOf(f, predecessorAt(cfg, block, e)), successorNumberAt(cfg, block, e));
    const value = resolve(f, argumentAt(f, call, number));
    if (value === parameter || value === only) continue;
    if (only !== undefined) return undefined;
    only = value;
  }
  return only;
}
