// Calls from outside: arguments in, the loop, results out, and every way it can end.
// Chapter: "Execution", section "Modules", "Invocation"; "Appendix", section "Embedding", func_invoke.
import type { FunctionInstance, Store } from './store.ts';
import { Exhaustion, ThrownException, Trap } from './outcome.ts';
import type { Activation, CallStack, ExhaustionKind, ExhaustionOutcome, HostError, Outcome, TrapKind, TrapOutcome, Values } from './outcome.ts';
import type { Value } from './values.ts';
import { readSlots, writeSlots } from './marshal.ts';
import { run } from './execute.ts';
import { slotsOf } from './types.ts';
import { captureStack } from './backtrace.ts';
import type { Backtrace } from './backtrace.ts';

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

/**
 * What ended inside activations; they are worked out when somebody looks. A class, because an object literal with an accessor gets a shape of its own
 * in V8, each time, and the old shapes keep the objects alive until the next full collection.
 */
abstract class Ended implements CallStack {
  private readonly backtrace: Backtrace | undefined;
  readonly depth: number;
  constructor(backtrace: Backtrace | undefined) {
    this.backtrace = backtrace;
    this.depth = backtrace?.depth ?? 0;
  }
  get stack(): readonly Activation[] { return this.backtrace?.resolve() ?? []; }
}

class Trapped extends Ended implements TrapOutcome {
  readonly kind = 'trap';
  readonly trap: TrapKind;
  readonly message: string;
  constructor(backtrace: Backtrace | undefined, { kind, message }: Trap) {
    super(backtrace);
    this.trap = kind;
    this.message = message;
  }
}

class Exhausted extends Ended implements ExhaustionOutcome {
  readonly kind = 'exhaustion';
  readonly reason: ExhaustionKind;
  constructor(backtrace: Backtrace | undefined, { reason }: Exhaustion) {
    super(backtrace);
    this.reason = reason;
  }
}

class HostFailed extends Ended implements HostError {
  readonly kind = 'host-error';
  readonly error: unknown;
  constructor(backtrace: Backtrace | undefined, error: unknown) {
    super(backtrace);
    this.error = error;
  }
}

/** Turns what was thrown into an outcome; faults of the interpreter itself pass through. */
export function outcomeOf(store: Store, error: unknown): Exclude<Outcome, Values> {
  const { backtrace } = store.machine;
  // The failure ends here: a host function that called may go on, and what fails later stands elsewhere.
  store.machine.backtrace = undefined;
  if (error instanceof Trap) return new Trapped(backtrace, error);
  if (error instanceof Exhaustion) return new Exhausted(backtrace, error);
  if (error instanceof ThrownException) return { kind: 'exception', exception: error.exception, payload: error.exception.payload };
  if (error instanceof Error && error.message.startsWith('interpreter bug')) throw error;
  return new HostFailed(backtrace, error);
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
