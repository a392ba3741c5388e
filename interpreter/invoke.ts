// Calls from outside: arguments in, the loop, results out, and every way it can end.
// Chapter: "Execution", section "Modules", "Invocation"; "Appendix", section "Embedding", func_invoke.
import type { FunctionInstance, Store } from './store.ts';
import { Exhaustion, ThrownException, Trap } from './outcome.ts';
import type { Activation, Outcome, Values } from './outcome.ts';
import type { Value } from './values.ts';
import { readSlots, writeSlots } from './marshal.ts';
import { run } from './execute.ts';
import { slotsOf } from './types.ts';
import { captureStack } from './backtrace.ts';

/** Calls a function; traps, exhaustion and exceptions are thrown. Nests: a host function may use it. */
export function callFunction(store: Store, func: FunctionInstance, args: readonly Value[]): Value[] {
  const m = store.machine;
  const { params, results } = func.signature;
  if (args.length !== params.length) throw new TypeError(`${params.length} arguments expected, ${args.length} given`);
  if (func.host !== undefined) return [...func.host(args, undefined)];
  const { depth, pc, sp, budget } = m;
  try {
    m.reserve(sp, params);
    const end = writeSlots(m, sp, params, args);
    const compact = m.enter(func, end);
    m.pc = 0;
    m.sp = end + compact.localInts - compact.paramInts;
    run(m, m.depth);
    let ints = 0;
    for (const type of results) ints += slotsOf(type) * 2;
    return readSlots(m, m.sp - ints, results);
  } catch (error) {
    m.backtrace ??= captureStack(m);
    throw error;
  } finally {
    m.settle();
    m.depth = depth;
    m.pc = pc;
    m.sp = sp;
    m.budget = budget;
  }
}

/** Turns what was thrown into an outcome; faults of the interpreter itself pass through. */
export function outcomeOf(store: Store, error: unknown): Exclude<Outcome, Values> {
  const frames = store.machine.backtrace;
  // The failure ends here: a host function that called may go on, and what fails later stands elsewhere.
  store.machine.backtrace = undefined;
  const stack = (): readonly Activation[] => frames?.resolve() ?? [];
  const depth = frames?.depth ?? 0;
  if (error instanceof Trap) return { kind: 'trap', trap: error.kind, message: error.message, depth, get stack() { return stack(); } };
  if (error instanceof Exhaustion) return { kind: 'exhaustion', reason: error.reason, depth, get stack() { return stack(); } };
  if (error instanceof ThrownException) return { kind: 'exception', exception: error.exception, payload: error.exception.payload };
  if (error instanceof Error && error.message.startsWith('interpreter bug')) throw error;
  return { kind: 'host-error', error, depth, get stack() { return stack(); } };
}

/** Calls a function and reports how it ended. */
export function invokeFunction(store: Store, func: FunctionInstance, args: readonly Value[]): Outcome {
  try {
    return { kind: 'values', values: callFunction(store, func, args) };
  } catch (error) {
    return outcomeOf(store, error);
  }
}

/** Runs something with at most `fuel` instructions; without a number the store's limit holds. */
export function withFuel<T>(store: Store, fuel: number | undefined, action: () => T): T {
  const m = store.machine;
  const before = m.fuel;
  if (fuel !== undefined) m.fuel = Math.min(before, m.spent + fuel);
  try {
    return action();
  } finally {
    m.fuel = before;
  }
}
