// The step trace: every instruction before it runs, with its operands.
// Chapter: none. While a listener is set, fuel is granted one instruction at a time, and each grant calls the hook; without one nothing is paid.
import type { Machine, StepHook } from './machine.ts';
import type { FunctionInstance, Store } from './store.ts';
import type { Value } from './values.ts';
import { referenceKind } from './values.ts';
import { f32FromBits, f64FromBits } from './floats.ts';
import { functionNames } from './names.ts';
import { operatorAt } from './backtrace.ts';
import { translate } from './translate.ts';
import { readSlots } from './marshal.ts';
import { slotsOf } from './types.ts';
import { Reader } from './reader.ts';
import { readInstruction } from './decode-code.ts';
import { showImmediates } from './show-immediates.ts';

export interface Step {
  readonly functionIndex: number;
  readonly functionName: string | undefined;
  /** Activations beneath this one. */
  readonly depth: number;
  /** Byte offset of the instruction in the module. */
  readonly offset: number;
  readonly opcode: string;
  /** As in the text format, without types; empty where there are none. */
  readonly immediates: string;
  /** What the instruction takes from the stack, deepest first. */
  readonly operands: readonly Value[];
}

function stepOf(m: Machine, func: FunctionInstance, position: number, sp: number): Step | undefined {
  const { instance, body } = func;
  // Constant expressions have no place in the code section and are not shown.
  if (instance === undefined || body === undefined) return undefined;
  const compact = func.compact !== undefined && func.compact.positions.length > 0 ? func.compact : translate(func, true);
  const index = operatorAt(compact, position);
  const offset = compact.offsets[index] ?? -1;
  const types = compact.operandTypes[index] ?? [];
  let ints = 0;
  for (const type of types) ints += slotsOf(type) * 2;
  const { module } = instance.context;
  const names = functionNames(module);
  const reader = new Reader(module.bytes, offset);
  const { name: opcode, immediate } = readInstruction(reader);
  return {
    functionIndex: func.index,
    functionName: names.get(func.index),
    depth: m.depth,
    offset,
    opcode,
    immediates: showImmediates(reader, immediate, names),
    operands: readSlots(m, sp - ints, types),
  };
}

/** Calls the listener before each instruction; `undefined` ends the trace. Takes effect with the next call into the store. */
export function traceStore(store: Store, listener: ((step: Step) => void) | undefined): void {
  const m = store.machine;
  const hook: StepHook = (func, position, _fp, sp) => {
    const step = stepOf(m, func, position, sp);
    if (step !== undefined) listener?.(step);
  };
  m.hook = listener === undefined ? undefined : hook;
}

function showValue(value: Value): string {
  switch (value.type) {
    case 'i32': case 'i64': return `${value.type}:${value.value}`;
    case 'f32': return `f32:${f32FromBits(value.value)}`;
    case 'f64': return `f64:${f64FromBits(value.value)}`;
    case 'v128': return `v128:0x${value.value.toString(16).padStart(32, '0')}`;
    case 'ref': return typeof value.value === 'number' ? `i31:${value.value}` : referenceKind(value.value);
  }
}

/** One line of a trace: function, offset, opcode, immediates as plain numbers, operands with their types. */
export function showStep(step: Step): string {
  const name = step.functionName === undefined ? `func ${step.functionIndex}` : `$${step.functionName}`;
  const operands = step.operands.map(showValue).join(' ');
  return `${'  '.repeat(Math.min(step.depth, 20))}${name} @${step.offset} ${step.opcode}${step.immediates === '' ? '' : ` ${step.immediates}`}${operands === '' ? '' : ` ${operands}`}`;
}
