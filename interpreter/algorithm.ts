// The two stacks of the validation algorithm: operand types and open blocks.
// Chapter: appendix "Validation Algorithm". `pushType`, `popExpected`, `pushControl` … are its push_val, pop_val, push_ctrl, and so on.
// Beside types it counts the 64-bit slots that values occupy at run time, which is all the code generator needs to know of the stack.
// After an instruction that never falls through, the stack is polymorphic: popping below the block's floor yields bottom.
import type { ValueType } from './types.ts';
import { BOTTOM, isRef, showType, showTypes, slotsOf } from './types.ts';
import type { TypeSpace } from './matching.ts';
import { InvalidModule } from './outcome.ts';

export type BlockKind = 'block' | 'loop' | 'if' | 'else' | 'try' | 'function';

/** One open block. */
export interface Control {
  kind: BlockKind;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Operand stack beneath the block's parameters, in types and in slots. */
  readonly floor: number;
  readonly slots: number;
  /** How many local initialisations were known on entry. */
  readonly initialised: number;
  unreachable: boolean;
  /** Whether code is being generated inside; false within dead code. */
  readonly live: boolean;
  /** Compact-code position of a loop's head or of a try block's start. */
  head: number;
  /** Positions in compact code that want the address of the block's end. */
  readonly fixups: number[];
  /** For `if`: the position wanting the address of `else` or `end`. */
  elseFixup: number;
}

export class Stacks {
  readonly space: TypeSpace;
  readonly types: ValueType[] = [];
  readonly controls: Control[] = [];
  slots = 0;
  maxSlots = 0;
  /** How far down the operand stack was popped since this was last set. */
  lowest = 0;
  /** Offset of the instruction being checked, for messages. */
  offset = 0;
  /** Which non-defaultable locals have been set, and the order in which they were. */
  readonly localSet: boolean[] = [];
  readonly setOrder: number[] = [];

  constructor(space: TypeSpace) {
    this.space = space;
  }

  invalid(message: string): never {
    throw new InvalidModule(this.offset, message);
  }

  top(): Control {
    return this.controls[this.controls.length - 1] ?? this.invalid('unexpected end');
  }

  /** Whether code at this point can run at all. */
  live(): boolean {
    const top = this.top();
    return top.live && !top.unreachable;
  }

  pushType(type: ValueType): void {
    this.types.push(type);
    this.slots += slotsOf(type);
    if (this.slots > this.maxSlots) this.maxSlots = this.slots;
  }

  pushTypes(types: readonly ValueType[]): void {
    for (let i = 0; i < types.length; i++) this.pushType(types[i] ?? BOTTOM);
  }

  pop(): ValueType {
    const top = this.top();
    if (this.types.length === top.floor) {
      if (top.unreachable) return BOTTOM;
      this.invalid('type mismatch: operand missing');
    }
    const type = this.types.pop() ?? BOTTOM;
    this.slots -= slotsOf(type);
    if (this.types.length < this.lowest) this.lowest = this.types.length;
    return type;
  }

  popExpected(expected: ValueType): ValueType {
    const top = this.top();
    if (this.types.length === top.floor && !top.unreachable) this.invalid(`type mismatch: expected ${showType(expected)}, operand missing`);
    const actual = this.pop();
    if (actual !== expected && !this.space.matches(actual, expected)) {
      this.invalid(`type mismatch: expected ${showType(expected)}, found ${showType(actual)}`);
    }
    return actual;
  }

  popTypes(expected: readonly ValueType[]): void {
    for (let i = expected.length - 1; i >= 0; i--) this.popExpected(expected[i] ?? BOTTOM);
  }

  /** Any reference type; bottom is let through. */
  popReference(): ValueType {
    const type = this.pop();
    if (type !== BOTTOM && !isRef(type)) this.invalid(`type mismatch: expected a reference, found ${showType(type)}`);
    return type;
  }

  pushControl(kind: BlockKind, params: readonly ValueType[], results: readonly ValueType[]): Control {
    const control: Control = {
      kind, params, results, floor: this.types.length, slots: this.slots, initialised: this.setOrder.length,
      unreachable: false, live: this.controls.length === 0 || this.live(), head: -1, fixups: [], elseFixup: -1,
    };
    this.controls.push(control);
    this.pushTypes(params);
    return control;
  }

  /** Checks that a block leaves exactly its results, and closes it. */
  popControl(): Control {
    const control = this.top();
    this.popTypes(control.results);
    if (this.types.length !== control.floor) this.invalid(`type mismatch: values remaining on stack at end of block, expected ${showTypes(control.results)}`);
    while (this.setOrder.length > control.initialised) this.localSet[this.setOrder.pop() ?? 0] = false;
    this.slots = control.slots;
    this.controls.pop();
    return control;
  }

  markUnreachable(): void {
    const top = this.top();
    this.types.length = top.floor;
    this.slots = top.slots;
    top.unreachable = true;
  }

  label(depth: number): Control {
    return this.controls[this.controls.length - 1 - depth] ?? this.invalid(`unknown label ${depth}`);
  }

  markSet(local: number): void {
    if (this.localSet[local] === true) return;
    this.localSet[local] = true;
    this.setOrder.push(local);
  }
}

/** The types a branch to the block carries: a loop's parameters, any other block's results. */
export function labelTypes(control: Control): readonly ValueType[] {
  return control.kind === 'loop' ? control.params : control.results;
}
