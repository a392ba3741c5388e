// Branches, selects, traps, calls.
// A branch on a value that is zero or not, or on one of its bits, needs no flags.

import type { Inst, Value } from '../../../base/entity.ts';
import { vmctxHeader } from '../../../contract/vmctx.ts';
import { calleeSignature, immediateOf, operandAt, successorCount } from '../../../ir/function.ts';
import {
  band, br_table, brif, call, call_indirect, fcmp, icmp, iconst, jump, libcall, return_, select, select_guard, stack_check, trap, trapnz, trapz,
} from '../../../ir/pattern-terms.ts';
import { anyCondition, anything, bind, intConditions, condition, k, powerOfTwo, typed, x, y, z } from '../../../ir/pattern.ts';
import { icmpConditions } from '../../../ir/opcodes.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import { loadStackResults, lowerArguments, lowerReturn, pushCallLists } from '../../../machine/abi.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { abiRows, callShape } from '../abi.ts';
import { a64, conditions } from '../instructions/table.ts';
import { materialise } from './constants.ts';
import { integerClass, integerWidths, rule } from './rule.ts';

/** result = condition holds ? whenTrue : whenFalse. */
function choose(c: Selector, row: number, value: Value, whenTrue: Value, whenFalse: Value): void {
  const [a, b] = [c.use(whenTrue), c.use(whenFalse)];
  c.conditionOf(value);
  c.emit(row, c.result(), a, b, c.condition);
}

const selectRules = (name: string, term: typeof select) => [
  rule(`${name}.i32`, typed(i32, term(x, y, z)), ({ x, y, z }, c) => choose(c, a64.csel32, x, y, z)),
  rule(`${name}.i64`, typed(i64, term(x, y, z)), ({ x, y, z }, c) => choose(c, a64.csel64, x, y, z)),
  rule(`${name}.f32`, typed(f32, term(x, y, z)), ({ x, y, z }, c) => choose(c, a64.fcsel32, x, y, z)),
  rule(`${name}.f64`, typed(f64, term(x, y, z)), ({ x, y, z }, c) => choose(c, a64.fcsel64, x, y, z)),
];

const equality = intConditions(condition, 'eq', 'ne');
const isEqual = (code: number): boolean => code === icmpConditions.eq;

/** Goes to the first successor if the register is zero (`zero`) or not. */
function branchOnZero(c: Selector, bits: 32 | 64, register: number, zero: boolean): void {
  const [then, otherwise] = [c.target(0), c.target(1)];
  // A block with one successor must not end with operands.
  if (then === otherwise) c.emit(a64.b, then);
  else c.emit(a64[`${zero ? 'cbz' : 'cbnz'}${bits}`], register, then, otherwise);
}

/** Goes to the first successor if bit `bit` of the register is zero (`zero`) or not. */
function branchOnBit(c: Selector, bit: number, register: number, zero: boolean): void {
  const [then, otherwise] = [c.target(0), c.target(1)];
  if (then === otherwise) c.emit(a64.b, then);
  else c.emit(a64[`${zero ? 'tbz' : 'tbnz'}${bit < 32 ? 32 : 64}`], register, bit, then, otherwise);
}

function branchOnFlags(c: Selector, value: Value): void {
  c.conditionOf(value);
  c.emit(a64.b_cond, c.condition, c.target(0), c.target(1));
}

/** Number of the only bit set in a constant. */
const bitNumber = (low: number, high: number): number => (low !== 0 ? 31 - Math.clz32(low) : 63 - Math.clz32(high));

const branchRules = [
  ...integerWidths.flatMap(([typeName, type, bits]) => [
    rule(`brif.${typeName}.bit`, brif(icmp(equality, typed(type, band(x, iconst(powerOfTwo(k)))), iconst(0))), ({ x, kLow, kHigh, condition }, c) =>
      branchOnBit(c, bitNumber(kLow, kHigh), c.use(x), isEqual(condition)),
    ),
    rule(`brif.${typeName}.sign`, brif(icmp(intConditions(condition, 'slt', 'sge'), typed(type, x), iconst(0))), ({ x, condition }, c) =>
      branchOnBit(c, bits - 1, c.use(x), condition === icmpConditions.sge),
    ),
    rule(`brif.${typeName}.zero`, brif(icmp(equality, typed(type, y), iconst(0))), ({ y, condition }, c) =>
      branchOnZero(c, bits, c.use(y), isEqual(condition)),
    ),
  ]),
  rule('brif.icmp', brif(bind(x, icmp(anyCondition, anything, anything))), ({ x }, c) => branchOnFlags(c, x)),
  rule('brif.fcmp', brif(bind(x, fcmp(anyCondition, anything, anything))), ({ x }, c) => branchOnFlags(c, x)),
  rule('brif.bit', brif(band(x, iconst(powerOfTwo(k)))), ({ x, kLow }, c) => branchOnBit(c, bitNumber(kLow, 0), c.use(x), false)),
  rule('brif.and', brif(bind(x, band(y, z))), ({ x }, c) => branchOnFlags(c, x)),
  rule('brif', brif(x), ({ x }, c) => branchOnZero(c, 32, c.use(x), false)),
];

/** Rules for trapz and trapnz; `onZero` says whether the value traps when it is zero. */
const trapRules = (name: string, term: typeof trapz, onZero: boolean) => [
  ...integerWidths.map(([typeName, type, bits]) =>
    rule(`${name}.${typeName}.zero`, term(icmp(equality, typed(type, x), iconst(0))), ({ x, condition, f, inst }, c) =>
      c.emit(a64[`${isEqual(condition) === onZero ? 'cbnz' : 'cbz'}${bits}_trap`], c.use(x), immediateOf(f, inst)),
    ),
  ),
  rule(`${name}.icmp`, term(bind(x, icmp(anyCondition, anything, anything))), ({ x, f, inst }, c) => trapOnFlags(c, x, onZero, immediateOf(f, inst))),
  rule(`${name}.fcmp`, term(bind(x, fcmp(anyCondition, anything, anything))), ({ x, f, inst }, c) => trapOnFlags(c, x, onZero, immediateOf(f, inst))),
  ...integerWidths.map(([typeName, type, bits]) =>
    rule(`${name}.${typeName}`, term(typed(type, x)), ({ x, f, inst }, c) => c.emit(a64[`${onZero ? 'cbz' : 'cbnz'}${bits}_trap`], c.use(x), immediateOf(f, inst))),
  ),
];

function trapOnFlags(c: Selector, value: Value, onZero: boolean, code: number): void {
  c.conditionOf(value);
  c.emit(a64.b_cond_trap, onZero ? c.condition ^ 1 : c.condition, code);
}

// The index is lowered to the last entry, the default, by a conditional move: no path, speculative ones included, reads beyond the table.
function branchTable(c: Selector, inst: Inst, index: Value): void {
  const n = successorCount(c.f, inst);
  if (n === 1) c.passArguments();
  if (hasOneTarget(c, n)) {
    c.emit(a64.b, c.target(0));
    return;
  }
  const [last, clamped] = [c.temp(integerClass, 4), c.temp(integerClass, 4)];
  const value = c.use(index);
  materialise(c, last, 4, n - 1, 0);
  c.emit(a64.cmp32_rr, value, last);
  c.emit(a64.csel32, clamped, value, last, conditions.lo);
  c.begin(a64.jump_table);
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
  c.begin(a64.bl);
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
  c.emit(a64.set_vmctx, vmctx);
  c.begin(a64.blr);
  c.cell(code);
  pushCallLists(c, shape, args);
  c.setAddress(bases.frame, bases.none, 0, 8, 0);
  c.emit(a64.reset_vmctx);
  loadStackResults(c, abiRows, shape);
}

function libraryCall(c: Selector, inst: Inst): void {
  const shape = callShape(calleeSignature(c.f, inst));
  const args = lowerArguments(c, abiRows, shape, (i) => operandAt(c.f, inst, i));
  const code = c.temp(integerClass, 8);
  c.addressVmctx(vmctxHeader.size + 8 * immediateOf(c.f, inst));
  c.emit(a64.ldr64, code);
  c.begin(a64.blr);
  c.cell(code);
  pushCallLists(c, shape, args);
  loadStackResults(c, abiRows, shape);
}

export const controlRules = [
  ...selectRules('select', select),
  ...selectRules('select_guard', select_guard),
  ...trapRules('trapz', trapz, true),
  ...trapRules('trapnz', trapnz, false),
  rule('trap', trap(), ({ f, inst }, c) => c.emit(a64.trap, immediateOf(f, inst))),
  rule('stack_check', stack_check(), (_, c) => c.checkStack()),
  rule('jump', jump(), (_, c) => {
    c.passArguments();
    c.emit(a64.b, c.target(0));
  }),
  ...branchRules,
  rule('br_table', br_table(x), ({ x, inst }, c) => branchTable(c, inst, x)),
  rule('return', return_(), ({ f, inst }, c) => lowerReturn(c, abiRows, callShape(f.signature), (i) => operandAt(f, inst, i))),
  rule('call', call(), ({ inst }, c) => directCall(c, inst)),
  rule('call_indirect', call_indirect(), ({ inst }, c) => indirectCall(c, inst)),
  rule('libcall', libcall(), ({ inst }, c) => libraryCall(c, inst)),
];
