// Throwing and unwinding.
// Chapter: "Execution", section "Instructions", "Control Instructions" (throw, throw_ref, try_table) and "Exception Handling".
// What is thrown: section "Runtime Structure", "Exception Instances".
// Method: nothing happens on entering a `try_table`. A throw looks up the position of each activation, innermost first, in its function's
// handler regions; regions that end earlier lie further inside and come first in the list.
import type { Machine } from './machine.ts';
import type { Instance } from './store.ts';
import { ExceptionInstance } from './store.ts';
import { ThrownException, Trap, bug } from './outcome.ts';
import { readSlots, writeSlots } from './marshal.ts';
import { slotsOf } from './types.ts';
import type { ValueType } from './types.ts';
import { int, item, refAt } from './cells.ts';
import type { CompactCode } from './compact.ts';

const CATCH = 0;
const CATCH_REF = 1;
const CATCH_ALL_REF = 3;
const CLAUSE = 4;

function intsOf(types: readonly ValueType[]): number {
  let slots = 0;
  for (const type of types) slots += slotsOf(type);
  return slots * 2;
}

/** `throw` with a tag index, or `throw_ref` with -1, of the operands on the stack. Returns when a handler was found; see `unwind`. */
export function throwException(m: Machine, instance: Instance, tagIndex: number, base: number): void {
  let exception: ExceptionInstance;
  if (tagIndex >= 0) {
    const tag = item(instance.tags, tagIndex);
    const { params } = tag.signature;
    exception = new ExceptionInstance(tag, readSlots(m, m.sp - intsOf(params), params));
  } else {
    const reference = refAt(m.refs, (m.sp >> 1) - 1);
    if (reference === null) throw new Trap('null exception reference');
    exception = reference instanceof ExceptionInstance ? reference : bug('throw_ref of something else');
  }
  unwind(m, exception, base);
}

/** Resumes at the innermost handler above `base` that catches the exception; with none, throws it out of the loop. */
export function unwind(m: Machine, exception: ExceptionInstance, base: number): void {
  for (let depth = m.depth; depth >= base; depth--) {
    const func = m.functions[depth];
    const position = (depth === m.depth ? m.pc : int(m.frames, depth * 2)) - 1;
    const clause = func?.compact === undefined ? -1 : findClause(func.compact, func.instance, position, exception);
    if (clause >= 0 && func?.compact !== undefined) {
      const { code } = func.compact;
      const kind = int(code, clause);
      m.depth = depth;
      let sp = int(m.frames, depth * 2 + 1) + int(code, clause + 3);
      if (kind === CATCH || kind === CATCH_REF) sp = writeSlots(m, sp, exception.tag.signature.params, exception.payload);
      if (kind === CATCH_REF || kind === CATCH_ALL_REF) {
        m.refs[sp >> 1] = exception;
        sp += 2;
      }
      m.sp = sp;
      m.pc = int(code, clause + 2);
      return;
    }
  }
  throw new ThrownException(exception);
}

/** Position of the first clause that catches at this position of the code, or -1. */
function findClause(compact: CompactCode, instance: Instance | undefined, position: number, exception: ExceptionInstance): number {
  const { code } = compact;
  for (const { start, end, clauses } of compact.handlers) {
    if (position < start || position >= end) continue;
    const count = int(code, clauses);
    for (let i = 0; i < count; i++) {
      const clause = clauses + 1 + i * CLAUSE;
      if (int(code, clause) > CATCH_REF || instance?.tags[int(code, clause + 1)] === exception.tag) return clause;
    }
  }
  return -1;
}
