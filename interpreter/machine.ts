// The machine's stacks: operands and locals, activations, fuel.
// Chapter: "Execution", section "Runtime Structure", "Stack".
//
// One operand stack of 64-bit slots is shared by all activations; references lie in a parallel array at the slot's index. An activation's
// frame begins at `fp` (an int index, two ints a slot): locals first, then operands. A callee's parameters are its caller's topmost operands.
// `frames` keeps two ints per activation: where to resume, and fp. Both stacks grow by doubling up to the store's limits.
//
// Fuel: every instruction executed costs 1, except `block`, `loop`, `nop`, `else` and `try_table`, which cost nothing, and an `end`
// that closes a function, which costs 1 because it returns. Instructions are paid from a budget granted in portions, so that the
// loop has one counter to watch; `spent` is exact whenever control is outside the loop.
import type { CompactCode } from './compact.ts';
import type { FunctionInstance } from './store.ts';
import type { Reference } from './values.ts';
import type { StoreLimits } from './limits.ts';
import { Exhaustion, bug } from './outcome.ts';
import { int, viewsOf } from './cells.ts';
import type { Views } from './cells.ts';
import type { Backtrace } from './backtrace.ts';
import type { RelaxedChoices } from './relaxed.ts';
import type { ValueType } from './types.ts';
import { translate } from './translate.ts';

const PORTION = 2 ** 30;
const FIRST_INTS = 2048;
const FIRST_FRAMES = 64;

/** Called before each instruction while tracing: the activation's function, operator position, frame, stack pointer. */
export type StepHook = (func: FunctionInstance, position: number, fp: number, sp: number) => void;

export class Machine {
  views: Views = viewsOf(new ArrayBuffer(FIRST_INTS * 4));
  refs: Reference[] = new Array<Reference>(FIRST_INTS / 2).fill(null);
  frames: Int32Array;
  private frameCapacity: number;
  private stackInts = FIRST_INTS;
  readonly functions: FunctionInstance[] = [];
  /** The topmost activation; -1 when nothing runs. */
  depth = -1;
  /** State of the topmost activation while control is outside the loop. */
  pc = 0;
  sp = 0;
  budget = 0;
  spent = 0;
  fuel: number;
  hostDepth = 0;
  hook: StepHook | undefined;
  /** Where the last failed call stood. */
  backtrace: Backtrace | undefined;
  readonly hostLimit: number;
  readonly relaxed: RelaxedChoices;
  private readonly limits: StoreLimits;

  constructor(limits: StoreLimits) {
    this.limits = limits;
    this.fuel = limits.fuel;
    this.frameCapacity = Math.min(FIRST_FRAMES, limits.callDepth);
    this.frames = new Int32Array(this.frameCapacity * 2);
    this.hostLimit = limits.hostDepth;
    this.relaxed = limits.relaxed;
  }

  get fp(): number { return int(this.frames, this.depth * 2 + 1); }

  top(): FunctionInstance { return this.functions[this.depth] ?? bug('no activation'); }

  /** Makes an activation of a wasm function whose arguments end at `sp`; the caller's `pc` must already be saved. */
  enter(callee: FunctionInstance, sp: number): CompactCode {
    const compact = callee.compact ?? translate(callee, this.hook !== undefined);
    const fp = sp - compact.paramInts;
    const depth = this.depth + 1;
    if (fp + compact.frameInts > this.stackInts) this.growStack(fp + compact.frameInts);
    if (depth >= this.frameCapacity) this.growFrames();
    this.depth = depth;
    this.functions[depth] = callee;
    this.frames[depth * 2 + 1] = fp;
    const end = fp + compact.localInts;
    if (sp < end) this.clearLocals(sp, end, compact.hasRefLocals);
    return compact;
  }

  private clearLocals(from: number, to: number, withRefs: boolean): void {
    const { I } = this.views;
    for (let i = from; i < to; i++) I[i] = 0;
    if (withRefs) this.refs.fill(null, from >> 1, to >> 1);
  }

  /** Makes room for values of these types from an int index on. */
  reserve(index: number, types: readonly ValueType[]): void {
    const ints = index + types.length * 4;
    if (ints > this.stackInts) this.growStack(ints);
  }

  private growStack(ints: number): void {
    if (ints > this.limits.stackSlots * 2) throw new Exhaustion('call stack exhausted');
    let size = this.views.I.length;
    while (size < ints) size *= 2;
    const views = viewsOf(new ArrayBuffer(size * 4));
    views.I.set(this.views.I);
    this.views = views;
    this.stackInts = size;
    for (let i = this.refs.length; i < size / 2; i++) this.refs.push(null);
  }

  private growFrames(): void {
    if (this.frameCapacity >= this.limits.callDepth) throw new Exhaustion('call stack exhausted');
    this.frameCapacity = Math.min(this.frameCapacity * 2, this.limits.callDepth);
    const frames = new Int32Array(this.frameCapacity * 2);
    frames.set(this.frames);
    this.frames = frames;
  }

  /** A portion of fuel for the loop; one instruction at a time while a hook watches. */
  grant(): number {
    const portion = this.hook !== undefined ? 1 : Math.min(this.fuel - this.spent, PORTION);
    if (portion <= 0 || this.spent >= this.fuel) throw new Exhaustion('fuel exhausted');
    this.spent += portion;
    return portion;
  }

  /** Gives back what the loop did not use. */
  settle(): void {
    this.spent -= this.budget;
    this.budget = 0;
  }
}
