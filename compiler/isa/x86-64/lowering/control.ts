// Branches, selects, traps, calls.

import { typed, x, y, z } from '../../../ir/pattern.ts';
import { br_table, brif, call, call_indirect, jump, libcall, return_, select, select_guard, stack_check, trap, trapnz, trapz } from '../../../ir/pattern-terms.ts';
import { calleeSignature, immediateOf, operandAt, successorCount } from '../../../ir/function.ts';
import type { Inst, Value } from '../../../base/entity.ts';
import { vmctxHeader } from '../../../contract/vmctx.ts';
import { loadStackResults, lowerArguments, lowerReturn, pushCallLists } from '../../../machine/abi.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import { abiRows, callShape } from '../abi.ts';
import { conditions, x64 } from '../instructions/table.ts';
import { integerClass, rule } from './rule.ts';

/** result = condition holds ? x : y, by moves that the flags govern. */
function choose(c: Selector, row: number, condition: Value, whenTrue: Value, whenFalse: Value): void {
  const [a, b] = [c.use(whenTrue), c.use(whenFalse)];
  c.conditionOf(condition);
  if (c.condition2 < 0) {
    c.emit(row, b, c.result(), a, c.condition);
    return;
  }
  // Both must hold: the first that does not brings the false value. One suffices: the first that does brings the true one.
  const [start, other, flip] = c.every ? [a, b, 1] : [b, a, 0];
  const between = c.temp(row === x64.cmovf32 || row === x64.cmovf64 ? 1 : 0, row === x64.cmov32_rr || row === x64.cmovf32 ? 4 : 8);
  c.emit(row, start, between, other, c.condition ^ flip);
  c.emit(row, between, c.result(), other, c.condition2 ^ flip);
}

const selectRules = (name: string, term: typeof select) => [
  rule(`${name}.i32`, typed(i32, term(x, y, z)), ({ x, y, z }, c) => choose(c, x64.cmov32_rr, x, y, z)),
  rule(`${name}.i64`, typed(i64, term(x, y, z)), ({ x, y, z }, c) => choose(c, x64.cmov64_rr, x, y, z)),
  rule(`${name}.f32`, typed(f32, term(x, y, z)), ({ x, y, z }, c) => choose(c, x64.cmovf32, x, y, z)),
  rule(`${name}.f64`, typed(f64, term(x, y, z)), ({ x, y, z }, c) => choose(c, x64.cmovf64, x, y, z)),
];

/** Traps with `code` if `value` is not zero (`wanted`) or zero (not `wanted`). */
function trapIf(c: Selector, value: Value, wanted: boolean, code: number): void {
  c.conditionOf(value);
  const flip = wanted ? 0 : 1;
  if (c.condition2 < 0) {
    c.emit(x64.jcc_trap, c.condition ^ flip, code);
  } else if (c.every !== wanted) {
    // Either condition alone decides.
    c.emit(x64.jcc_trap, c.condition ^ flip, code);
    c.emit(x64.jcc_trap, c.condition2 ^ flip, code);
  } else {
    // Both must hold: their values are joined. Only equality of floats comes here.
    const [first, second] = [c.temp(integerClass, 1), c.temp(integerClass, 1)];
    const [a, b] = [c.temp(integerClass, 4), c.temp(integerClass, 4)];
    c.emit(x64.setcc, first, c.condition ^ flip);
    c.emit(x64.setcc, second, c.condition2 ^ flip);
    c.emit(x64.movzx8_32_rr, a, first);
    c.emit(x64.movzx8_32_rr, b, second);
    c.emit(x64.test32_rr, a, b);
    c.emit(x64.jcc_trap, conditions.ne, code);
  }
}

function branchIf(c: Selector, value: Value): void {
  c.conditionOf(value);
  const [then, otherwise] = [c.target(0), c.target(1)];
  if (c.condition2 < 0) c.emit(x64.jcc, c.condition, then, otherwise);
  else if (c.every) c.emit(x64.jcc2, c.condition ^ 1, c.condition2 ^ 1, otherwise, then);
  else c.emit(x64.jcc2, c.condition, c.condition2, then, otherwise);
}

// The index is lowered to the last entry, the default, by a conditional move: no path, speculative ones included, reads beyond the table.
function branchTable(c: Selector, inst: Inst, index: Value): void {
  const n = successorCount(c.f, inst);
  if (n === 1) c.passArguments();
  if (hasOneTarget(c, n)) {
    c.emit(x64.jmp, c.target(0));
    return;
  }
  const last = c.temp(integerClass, 4);
  const clamped = c.temp(integerClass, 8);
  const value = c.use(index);
  c.emit(x64.mov32_ri, last, n - 1);
  c.emit(x64.cmp32_rr, value, last);
  c.emit(x64.cmov32_rr, value, clamped, last, conditions.ae);
  const [base, entry] = [c.temp(integerClass, 8), c.temp(integerClass, 8)];
  c.begin(x64.jump_table);
  c.cell(clamped);
  c.cell(base);
  c.cell(entry);
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
  c.begin(x64.call);
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
  c.emit(x64.set_vmctx, vmctx);
  c.begin(x64.call_r);
  c.cell(code);
  pushCallLists(c, shape, args);
  c.setAddress(bases.frame, bases.none, 0, 8, 0);
  c.emit(x64.reset_vmctx);
  loadStackResults(c, abiRows, shape);
}

function libraryCall(c: Selector, inst: Inst): void {
  const shape = callShape(calleeSignature(c.f, inst));
  const args = lowerArguments(c, abiRows, shape, (i) => operandAt(c.f, inst, i));
  c.begin(x64.call_m);
  c.cell(bases.vmctx);
  c.cell(bases.none);
  c.cell(0);
  c.cell(vmctxHeader.size + 8 * immediateOf(c.f, inst));
  pushCallLists(c, shape, args);
  loadStackResults(c, abiRows, shape);
}

export const controlRules = [
  ...selectRules('select', select),
  ...selectRules('select_guard', select_guard),
  rule('trapz', trapz(x), ({ x, f, inst }, c) => trapIf(c, x, false, immediateOf(f, inst))),
  rule('trapnz', trapnz(x), ({ x, f, inst }, c) => trapIf(c, x, true, immediateOf(f, inst))),
  rule('trap', trap(), ({ f, inst }, c) => c.emit(x64.trap, immediateOf(f, inst))),
  rule('stack_check', stack_check(), (_, c) => c.checkStack()),
  rule('jump', jump(), (_, c) => {
    c.passArguments();
    c.emit(x64.jmp, c.target(0));
  }),
  rule('brif', brif(x), ({ x }, c) => branchIf(c, x)),
  rule('br_table', br_table(x), ({ x, inst }, c) => branchTable(c, inst, x)),
  rule('return', return_(), ({ f, inst }, c) => lowerReturn(c, abiRows, callShape(f.signature), (i) => operandAt(f, inst, i))),
  rule('call', call(), ({ inst }, c) => directCall(c, inst)),
  rule('call_indirect', call_indirect(), ({ inst }, c) => indirectCall(c, inst)),
  rule('libcall', libcall(), ({ inst }, c) => libraryCall(c, inst)),
];
