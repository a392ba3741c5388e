// Calls that leave the quick path: other instances, tables, the host, tail calls.
// Chapter: "Execution", section "Instructions", "Control Instructions" and "Function Calls".
import type { Machine } from './machine.ts';
import type { FunctionInstance, Instance } from './store.ts';
import { Exhaustion, ThrownException, Trap, bug } from './outcome.ts';
import { readSlots, writeSlots } from './marshal.ts';
import { translate } from './translate.ts';
import { unwind } from './exceptions.ts';
import { slotsOf } from './types.ts';
import { at, int, item, refAt } from './cells.ts';

/** The function an indirect call reaches, checked against the expected type (an identity of the module). */
export function resolveIndirect(instance: Instance, type: number, table: number, index: number): FunctionInstance {
  const { elements } = item(instance.tables, table);
  if (index >= elements.length) throw new Trap('undefined element', String(index));
  const reference = at(elements, index);
  if (reference === null) throw new Trap('uninitialized element', String(index));
  if (typeof reference === 'number' || reference.kind !== 'func') return bug('table of functions holds something else');
  const expected = int(instance.types, type);
  if (reference.type !== expected && !instance.store.space.isSubtype(reference.type, expected)) throw new Trap('indirect call type mismatch');
  return reference;
}

/** Calls with the machine's state saved; afterwards that state says where to go on. */
export function call(m: Machine, callee: FunctionInstance, base: number): void {
  m.frames[m.depth * 2] = m.pc;
  if (callee.host === undefined) {
    const compact = m.enter(callee, m.sp);
    m.sp += compact.localInts - compact.paramInts;
    m.pc = 0;
  } else callHost(m, callee, base);
}

/**
 * Calls the host with arguments from the stack and leaves its results there. A wasm exception it throws is unwound from the activation
 * that called.
 */
function callHost(m: Machine, callee: FunctionInstance, base: number): void {
  const { params, results } = callee.signature;
  const { depth, pc, sp, budget } = m;
  let ints = 0;
  for (const type of params) ints += slotsOf(type) * 2;
  const args = readSlots(m, sp - ints, params);
  const caller = depth >= 0 ? m.functions[depth]?.instance : undefined;
  if (m.hostDepth >= m.hostLimit) throw new Exhaustion('call stack exhausted');
  m.hostDepth++;
  try {
    const answers = (callee.host ?? bug('no host function'))(args, caller);
    m.reserve(sp - ints, results);
    m.sp = writeSlots(m, sp - ints, results, answers);
  } catch (error) {
    if (!(error instanceof ThrownException)) throw error;
    unwind(m, error.exception, base);
    return;
  } finally {
    m.hostDepth--;
  }
  m.depth = depth;
  m.pc = pc;
  m.budget = budget;
}

/**
 * Replaces the topmost activation by a call. True when the activation at `base` is thereby over: the host answered in its place.
 * The activation is gone before the callee starts, so its handlers and its frame no longer count.
 */
export function tailCall(m: Machine, callee: FunctionInstance, base: number): boolean {
  const { fp, sp } = m;
  const { I } = m.views;
  let ints = 0;
  for (const type of callee.signature.params) ints += slotsOf(type) * 2;
  for (let i = 0; i < ints; i++) I[fp + i] = int(I, sp - ints + i);
  for (let i = 0; i < ints / 2; i++) m.refs[(fp >> 1) + i] = refAt(m.refs, (sp - ints >> 1) + i);
  m.depth--;
  m.sp = fp + ints;
  if (callee.host === undefined) {
    const compact = callee.compact ?? translate(callee, m.hook !== undefined);
    m.enter(callee, m.sp);
    m.sp = fp + compact.localInts;
    m.pc = 0;
    return false;
  }
  if (m.depth >= 0) m.pc = int(m.frames, m.depth * 2);
  callHost(m, callee, base);
  return m.depth < base;
}
