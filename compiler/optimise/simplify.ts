// Replaces operations by cheaper ones that mean the same: folds constants, then tries the rules in rules/.
// Needs:  nothing; unreachable blocks are left alone, because there a value may depend on itself.
// Leaves: same CFG (a brif may exchange its targets), same traps in the same order; results replaced by aliases, operands for dead code elimination.
// Method: reverse postorder, so that operands are simple before their users are looked at; what a rule makes is looked at again before going on.
//         A commutative operation gets its constant on the right, which half of the rules rely on.
// Cost:   linear: every rule goes one way, towards fewer or cheaper operations, and a rule looks at most three levels deep.

import type { Control } from '../base/control.ts';
import { type Inst, asInst } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { computeCfg, reachableCount, reversePostorderAt } from '../analysis/cfg.ts';
import {
  type IrFunction,
  firstOperand,
  instCount,
  maybeDefinitionOf,
  maybeFirstInst,
  maybeNextInst,
  opcodeOf,
  removeInst,
  replaceValue,
  resultOf,
  secondOperand,
  setOperand,
} from '../ir/function.ts';
import { type Opcode, opcodeCount, rowOf } from '../ir/opcodes.ts';
import { RuleSet, lookThroughAll } from '../ir/rule-set.ts';
import { isConstant } from '../ir/typing.ts';
import { Folder, foldInst } from './fold-constants.ts';
import { type Rewritten, Rewriter, type SimplificationRule, changed, gone } from './rewriter.ts';
import { simplificationRules } from './rules/index.ts';

export type Simplifications = RuleSet<Rewriter, Rewritten>;

/** Compiles a list of rules; the list is an argument so that a fault can stand in for a rule. */
export function simplificationsOf(rules: readonly SimplificationRule[]): Simplifications {
  return new RuleSet(rules, { optional: true });
}

const standard = simplificationsOf(simplificationRules);
const commutative = Uint8Array.from({ length: opcodeCount }, (_, code) => (rowOf(code as Opcode).commutative === true ? 1 : 0));

/** Holds nothing from one instruction to the next. */
const standardFolder = new Folder();

/** How often an instruction may be rewritten on average before that counts as a circle of rules. */
const patience = 64;

export function simplify(f: IrFunction, control: Control, simplifications: Simplifications = standard, folder: Folder = standardFolder): void {
  const cfg = computeCfg(f);
  const rewriter = new Rewriter(f, control, asInst(0));
  const limit = 1000 + patience * instCount(f);
  for (let n = 0; n < reachableCount(cfg); n++) {
    let next = maybeFirstInst(f, reversePostorderAt(cfg, n));
    while (next !== undefined) {
      next = rewrite(f, next, rewriter, control, simplifications, folder);
      if (instCount(f) > limit) bug('simplification does not come to an end', `function f${f.index}`);
    }
  }
}

/** Simplifies one instruction and answers the next to look at: the first one made, or the one behind. */
function rewrite(f: IrFunction, inst: Inst, rewriter: Rewriter, control: Control, simplifications: Simplifications, folder: Folder): Inst | undefined {
  const behind = maybeNextInst(f, inst);
  if (foldInst(f, inst, folder, control)) return behind;
  if (commutative[opcodeOf(f, inst)] === 1) constantToTheRight(f, inst, control);
  rewriter.begin(inst);
  const made = simplifications.run(f, inst, lookThroughAll, rewriter, control);
  if (made === undefined) return behind;
  if (made === changed) return inst;
  if (made !== gone) replaceValue(f, resultOf(f, inst), made);
  removeInst(f, inst);
  return rewriter.firstMade === -1 ? behind : rewriter.firstMade;
}

function constantToTheRight(f: IrFunction, inst: Inst, control: Control): void {
  const x = firstOperand(f, inst);
  const y = secondOperand(f, inst);
  if (!isConstantValue(f, x) || isConstantValue(f, y) || !control.may('constant-to-the-right')) return;
  control.fired('constant-to-the-right');
  setOperand(f, inst, 0, y);
  setOperand(f, inst, 1, x);
}

function isConstantValue(f: IrFunction, value: ReturnType<typeof firstOperand>): boolean {
  const definition = maybeDefinitionOf(f, value);
  return definition !== undefined && isConstant(opcodeOf(f, definition));
}
