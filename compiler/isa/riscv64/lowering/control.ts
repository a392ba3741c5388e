// Branches, selects, traps, calls.

import type { Inst } from '../../../base/entity.ts';
import { vmctxHeader } from '../../../contract/vmctx.ts';
import { calleeSignature, immediateOf, operandAt, successorCount } from '../../../ir/function.ts';
import {
  br_table, brif, call, call_indirect, iconst, jump, libcall, return_, select, select_guard, stack_check, trap, trapnz, trapz,
} from '../../../ir/pattern-terms.ts';
import { typed, w, x, y, z } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { loadStackResults, lowerArguments, lowerReturn, pushCallLists } from '../../../machine/abi.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { abiRows, callShape } from '../abi.ts';
import { rv } from '../instructions/table.ts';
import { type Comparison, conditionalRules, truthOf } from './conditions.ts';
import { constant } from './constants.ts';
import { byWidth, integerClass, integerWidths, rule, widthOf } from './rule.ts';

const types = [
  ['i32', i32],
  ['i64', i64],
  ['f32', f32],
  ['f64', f64],
] as const;

const comparesTwo = ({ form }: Comparison): boolean => form === 'w' || form === 'd';

const selectRules = (name: string, term: typeof select, chosen: readonly (typeof types)[number][]) =>
  chosen.flatMap(([typeName, type]) =>
    conditionalRules(
      `${name}.${typeName}`,
      (pattern) => typed(type, term(pattern, z, w)),
      ({ z, w }, c, comparison) => {
        const row = rv[`select_${typeName}_${comparison.form}`];
        const { a, b, condition } = comparison;
        const [whenTrue, whenFalse] = [c.use(z), c.use(w)];
        if (comparesTwo(comparison)) c.emit(row, whenFalse, c.result(), whenTrue, a, b, condition);
        else c.emit(row, whenFalse, c.result(), whenTrue, a, condition);
      },
    ),
  );

/** All ones if `truth`, 0 or 1, is 1. */
function maskOf(c: Selector, type: Type | 0, truth: number): number {
  const mask = c.temp(integerClass, widthOf(type));
  c.emit(byWidth(type, rv.negw, rv.neg_word), mask, truth);
  return mask;
}

/** result = truth is 1 ? whenTrue : whenFalse, without a branch: on no path, speculative ones included, is the other one chosen. */
function chooseByMask(c: Selector, type: Type | 0, truth: number, whenTrue: number, whenFalse: number, result: number): void {
  const [different, wanted] = [c.temp(integerClass, widthOf(type)), c.temp(integerClass, widthOf(type))];
  const mask = maskOf(c, type, truth);
  c.emit(byWidth(type, rv.xor32, rv.xor), different, whenTrue, whenFalse);
  c.emit(byWidth(type, rv.and32, rv.and), wanted, different, mask);
  c.emit(byWidth(type, rv.xor32, rv.xor), result, wanted, whenFalse);
}

const guardRules = integerWidths.flatMap(([name, type]) => [
  rule(`select_guard.${name}.or_zero`, typed(type, select_guard(x, y, iconst(0))), ({ x, y }, c) => {
    const mask = maskOf(c, type, truthOf(c, x));
    c.emit(byWidth(type, rv.and32, rv.and), c.result(), c.use(y), mask);
  }),
  rule(`select_guard.${name}`, typed(type, select_guard(x, y, z)), ({ x, y, z }, c) => {
    const truth = truthOf(c, x);
    chooseByMask(c, type, truth, c.use(y), c.use(z), c.result());
  }),
]);

const branchRules = conditionalRules(
  'brif',
  (pattern) => brif(pattern),
  (_, c, comparison) => {
    const { form, a, b, condition } = comparison;
    const [then, otherwise] = [c.target(0), c.target(1)];
    // A block with one successor must not end with operands.
    if (then === otherwise) c.emit(rv.j, then);
    else if (comparesTwo(comparison)) c.emit(rv[`branch_${form}`], a, b, condition, then, otherwise);
    else c.emit(rv[`branch_${form}`], a, condition, then, otherwise);
  },
);

/** Rules for trapz and trapnz; `onZero` says whether the value traps when it is zero. */
const trapRules = (name: string, term: typeof trapz, onZero: boolean) =>
  conditionalRules(
    name,
    (pattern) => term(pattern),
    ({ f, inst }, c, comparison) => {
      const { form, a, b } = comparison;
      const condition = onZero ? comparison.condition ^ 1 : comparison.condition;
      if (comparesTwo(comparison)) c.emit(rv[`trap_if_${form}`], a, b, condition, immediateOf(f, inst));
      else c.emit(rv[`trap_if_${form}`], a, condition, immediateOf(f, inst));
    },
    true,
  );

// The index is lowered to the last entry, the default, without a branch: no path, speculative ones included, reads beyond the table.
function branchTable(c: Selector, inst: Inst, index: number): void {
  const n = successorCount(c.f, inst);
  if (n === 1) c.passArguments();
  if (hasOneTarget(c, n)) {
    c.emit(rv.j, c.target(0));
    return;
  }
  const clamped = c.temp(integerClass, 4);
  const last = constant(c, 4, n - 1);
  if (c.features.has('zbb')) c.emit(rv.minu32, clamped, index, last);
  else {
    const below = c.temp(integerClass, 4);
    c.emit(rv.sltu32, below, index, last);
    chooseByMask(c, i32, below, index, last, clamped);
  }
  c.begin(rv.jump_table);
  c.cell(clamped);
  c.cell(n);
  for (let i = 0; i < n; i++) c.cell(c.target(i));
}

function hasOneTarget(c: Selector, n: number): boolean {
  for (let i = 1; i < n; i++) if (c.target(i) !== c.target(0)) return false;
  return true;
}

function directCall(c: Selector, inst: Inst): void {
  const shape = callShape(calleeSignature(c.f, inst));
  const args = lowerArguments(c, abiRows, shape, (i) => operandAt(c.f, inst, i));
  c.begin(rv.call);
  c.cell(immediateOf(c.f, inst));
  pushCallLists(c, shape, args);
  loadStackResults(c, abiRows, shape);
}

// The callee's vmctx goes to the pinned register just before the call; our own comes back from the frame just behind it.
function indirectCall(c: Selector, inst: Inst): void {
  const shape = callShape(calleeSignature(c.f, inst));
  const code = c.use(operandAt(c.f, inst, 0));
  const vmctx = c.use(operandAt(c.f, inst, 1));
  const args = lowerArguments(c, abiRows, shape, (i) => operandAt(c.f, inst, i + 2));
  c.keepVmctx();
  c.emit(rv.set_vmctx, vmctx);
  c.begin(rv.call_register);
  c.cell(code);
  pushCallLists(c, shape, args);
  c.setAddress(bases.frame, bases.none, 0, 8, 0);
  c.emit(rv.reset_vmctx);
  loadStackResults(c, abiRows, shape);
}

function libraryCall(c: Selector, inst: Inst): void {
  const shape = callShape(calleeSignature(c.f, inst));
  const args = lowerArguments(c, abiRows, shape, (i) => operandAt(c.f, inst, i));
  const code = c.temp(integerClass, 8);
  c.addressVmctx(vmctxHeader.size + 8 * immediateOf(c.f, inst));
  c.emit(rv.ld, code);
  c.begin(rv.call_register);
  c.cell(code);
  pushCallLists(c, shape, args);
  loadStackResults(c, abiRows, shape);
}

export const controlRules = [
  ...selectRules('select', select, types),
  ...guardRules,
  ...selectRules('select_guard', select_guard, types.slice(2)),
  ...trapRules('trapz', trapz, true),
  ...trapRules('trapnz', trapnz, false),
  rule('trap', trap(), ({ f, inst }, c) => c.emit(rv.trap, immediateOf(f, inst))),
  rule('stack_check', stack_check(), (_, c) => c.checkStack()),
  rule('jump', jump(), (_, c) => {
    c.passArguments();
    c.emit(rv.j, c.target(0));
  }),
  ...branchRules,
  rule('br_table', br_table(x), ({ x, inst }, c) => branchTable(c, inst, c.use(x))),
  rule('return', return_(), ({ f, inst }, c) => lowerReturn(c, abiRows, callShape(f.signature), (i) => operandAt(f, inst, i))),
  rule('call', call(), ({ inst }, c) => directCall(c, inst)),
  rule('call_indirect', call_indirect(), ({ inst }, c) => indirectCall(c, inst)),
  rule('libcall', libcall(), ({ inst }, c) => libraryCall(c, inst)),
];
