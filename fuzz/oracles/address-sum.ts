// Addresses as sums of registers and a number: what an emitter has summed up in a register of its own, in front of an access, is followed through the
// decoded code, so that the address of the access can be held against the one that was asked for.
//
// Invariant: `known` holds, for every register that allocation does not hand out, the sum that it is at this place of the code, in terms of registers as
// they are at this place; whatever is not understood, or rests on a register written since, is forgotten, and an unknown sum equals nothing. Emitters sum
// up directly in front of the access, so no branch leads between.
// Frame, stack and vmctx registers keep still in the body of a function; the frame pointer is written as the stack pointer and the bytes between.
// What a row adds up is the word `sum` in the row, which encoder and emitters do not read. Where a register's number means the stack pointer in some fields
// and zero in others, it is read as the stack pointer here: nothing is summed up from zero.

import { bases, type DecodedInstruction, type FixedRegisters, isRegisterKind, memoryCells, type OperandShape, type RowShape, type Target } from '../../compiler/inside.ts';

/** Registers, each as `x5<<2` or, where only its low 32 bits count, `w5<<2`, sorted; and a number. */
export interface Sum {
  readonly terms: readonly string[];
  readonly constant: number;
}

const registerSum = (register: number): Sum => ({ terms: [termOf('x', register, 0)], constant: 0 });
export const constantSum = (constant: number): Sum => ({ terms: [], constant });
const termOf = (letter: 'x' | 'w', register: number, shift: number): string => `${letter}${register}<<${shift}`;
const registerOfTerm = (term: string): number => Number.parseInt(term.slice(1), 10);

export const sumPlus = (a: Sum, b: Sum): Sum => ({ terms: [...a.terms, ...b.terms].sort(), constant: a.constant + b.constant });

function shiftedLeft(sum: Sum | undefined, by: number): Sum | undefined {
  if (sum === undefined || by === 0) return sum;
  const { terms, constant } = sum;
  return { terms: terms.map((term) => `${term.slice(0, term.indexOf('<'))}<<${Number(term.slice(term.indexOf('<') + 2)) + by}`), constant: constant * 2 ** by };
}

/** The low 32 bits, zero-extended, of one register or of a number; of anything else nothing is known. */
function lowWord(sum: Sum | undefined): Sum | undefined {
  if (sum === undefined) return undefined;
  const { terms, constant } = sum;
  const [term] = terms;
  if (term === undefined) return constantSum(constant >>> 0);
  return terms.length === 1 && constant === 0 && term.endsWith('<<0') ? { terms: [termOf('w', registerOfTerm(term), 0)], constant: 0 } : undefined;
}

/** Whether both are known and the same. */
export function areEqual(a: Sum | undefined, b: Sum | undefined): boolean {
  return a !== undefined && b !== undefined && a.constant === b.constant && a.terms.join() === b.terms.join();
}

/** Cells of an index of 32 bits that follows a memory operand. */
export function wordIndexOf({ memoryCell, operands }: RowShape): { readonly cell: number; readonly shiftCell: number } | undefined {
  const index = memoryCell < 0 ? undefined : operands.find(({ name, role, kind, bytes }) => name === 'index' && role === 'use' && kind === 'integer' && bytes === 4);
  return index === undefined ? undefined : { cell: index.cell, shiftCell: operands.find(({ name }) => name === 'shift')?.cell ?? -1 };
}

/** A memory operand in registers; `base` and `index` may be symbolic or absent. */
export interface MemoryPlace {
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  readonly displacement: number;
  /** An index of 32 bits. */
  readonly word: { readonly register: number; readonly shift: number } | undefined;
}

type Read = (register: number) => Sum | undefined;
/** What a row leaves in the register it writes, given its cells; undefined where that is no sum. */
type Effect = (cells: readonly number[], read: Read) => Sum | undefined;

const cell = (cells: readonly number[], number: number): number => cells[number] ?? 0;
const both = (a: Sum | undefined, b: Sum | undefined, join: (a: Sum, b: Sum) => Sum | undefined): Sum | undefined => (a === undefined || b === undefined ? undefined : join(a, b));
const plus = (a: Sum | undefined, b: Sum | undefined): Sum | undefined => both(a, b, sumPlus);
const onNumber = (sum: Sum | undefined, change: (n: number) => number): Sum | undefined => (sum === undefined || sum.terms.length > 0 ? undefined : constantSum(change(sum.constant)));

const operators: Readonly<Record<string, (a: Sum, b: Sum, shift: number) => Sum | undefined>> = {
  '+': sumPlus,
  '-': (a, b) => plus(a, onNumber(b, (n) => -n)),
  with: (a, b, shift) => (b.terms.length > 0 ? undefined : onNumber(a, (n) => (n & ~(0xffff << shift)) | b.constant)),
};
const wholes: Readonly<Record<string, (n: number) => number>> = { sx32: (n) => n | 0, zx32: (n) => n >>> 0 };

/** Reads the text of a row's `sum`; throws on text that is not in its language. */
export function readSum(text: string, { name: row, operands }: Pick<RowShape, 'name' | 'operands'>): Effect {
  const words = text.split(' ');
  const whole = wholes[words[0] ?? ''];
  if (whole !== undefined) words.shift();
  const operandOf = (name: string | undefined): OperandShape => {
    const operand = operands.find((candidate) => candidate.name === name);
    if (operand === undefined) throw new RangeError(`${row}: the sum '${text}' names no operand with '${name ?? ''}'`);
    return operand;
  };
  const parts: { readonly join: (a: Sum, b: Sum, shift: number) => Sum | undefined; readonly shift: (cells: readonly number[]) => number; readonly value: Effect }[] = [];
  for (let first = true; words.length > 0; first = false) {
    const join = operators[first ? '+' : (words.shift() ?? '')];
    if (join === undefined) throw new RangeError(`${row}: the sum '${text}' is not readable`);
    const isWord = words[0] === 'zx';
    if (isWord) words.shift();
    const operand = operandOf(words.shift());
    const by = words[0] === '<<' ? words.splice(0, 2)[1] : '0';
    const shiftOperand = /^\d+$/.test(by ?? '') ? undefined : operandOf(by);
    const shift = (cells: readonly number[]): number => (shiftOperand === undefined ? Number(by) : cell(cells, shiftOperand.cell));
    const value: Effect = (cells, read) => {
      const plain = isRegisterKind(operand.kind) ? read(cell(cells, operand.cell)) : constantSum(cell(cells, operand.cell));
      return shiftedLeft(isWord ? lowWord(plain) : plain, shift(cells));
    };
    parts.push({ join, shift, value });
  }
  return (cells, read) => {
    const sum = parts.reduce<Sum | undefined>((total, { join, shift, value }) => both(total, value(cells, read), (a, b) => join(a, b, shift(cells))), constantSum(0));
    return whole === undefined ? sum : onNumber(sum, whole);
  };
}

const effectsOf = new WeakMap<RowShape, Effect>();

function maybeEffectOf(shape: RowShape): Effect | undefined {
  const { sum } = shape.row;
  if (sum === undefined) return undefined;
  const known = effectsOf.get(shape) ?? readSum(sum, shape);
  effectsOf.set(shape, known);
  return known;
}

export class AddressSums {
  readonly framePointer: Sum;
  private readonly fixed: FixedRegisters;
  private readonly allocatable: readonly number[];
  private readonly known = new Map<number, Sum>();

  /** `frameBytes` lie between frame pointer and stack pointer. */
  constructor({ fixedRegisters, registers }: Target, frameBytes: number) {
    this.fixed = fixedRegisters;
    [this.allocatable] = registers.allocatable;
    this.framePointer = sumPlus(registerSum(fixedRegisters.stackPointer), constantSum(frameBytes));
  }

  /** Registers whose sums are followed: neither handed out nor of a fixed meaning. */
  private isOwn(register: number): boolean {
    const { vmctx, framePointer, stackPointer, zero } = this.fixed;
    return register !== vmctx && register !== framePointer && register !== stackPointer && register !== zero && !this.allocatable.includes(register);
  }

  private readonly read: Read = (register) => {
    if (register === this.fixed.zero) return constantSum(0);
    if (register === this.fixed.framePointer) return this.framePointer;
    return this.isOwn(register) ? this.known.get(register) : registerSum(register);
  };

  /** The address that a memory operand stands for; undefined where nothing is known of it, as of constants behind the code. */
  address({ base, index, scale, displacement, word: wordIndex }: MemoryPlace): Sum | undefined {
    const sum = plus(this.origin(base, displacement), index < 0 ? constantSum(0) : shiftedLeft(this.read(index), scale));
    return wordIndex === undefined ? sum : plus(sum, shiftedLeft(lowWord(this.read(wordIndex.register)), wordIndex.shift));
  }
  private origin(base: number, displacement: number): Sum | undefined {
    switch (base) {
      case bases.none:
        return constantSum(displacement);
      case bases.vmctx:
        return sumPlus(registerSum(this.fixed.vmctx), constantSum(displacement));
      case bases.incoming:
        // Above the return address and the caller's frame pointer.
        return sumPlus(this.framePointer, constantSum(displacement + 16));
      case bases.outgoing:
        return sumPlus(registerSum(this.fixed.stackPointer), constantSum(displacement));
      case bases.frame:
        return sumPlus(this.framePointer, constantSum(-displacement));
      default:
        return base < 0 ? undefined : plus(this.read(base), constantSum(displacement));
    }
  }

  /** The address of a decoded instruction's memory operand; undefined where it has none, or nothing is known of it. */
  addressOf({ shape, cells }: DecodedInstruction): Sum | undefined {
    const memory = shape.memoryCell;
    if (memory < 0) return undefined;
    const index = wordIndexOf(shape);
    return this.address({
      base: cell(cells, memory + memoryCells.base),
      index: cell(cells, memory + memoryCells.index),
      scale: cell(cells, memory + memoryCells.scale),
      displacement: cell(cells, memory + memoryCells.displacement),
      word: index === undefined ? undefined : { register: cell(cells, index.cell), shift: index.shiftCell < 0 ? 0 : cell(cells, index.shiftCell) },
    });
  }

  /** Goes past an instruction. */
  step({ shape, cells }: DecodedInstruction): void {
    if (shape.row.call === true) {
      this.known.clear();
      return;
    }
    const result = maybeEffectOf(shape)?.(cells, this.read);
    for (const operand of shape.operands) {
      if (operand.kind !== 'integer' || (operand.role !== 'def' && operand.role !== 'earlydef' && operand.role !== 'mod' && operand.role !== 'temp')) continue;
      const register = operand.fixed >= 0 ? operand.fixed : cell(cells, operand.cell);
      if (this.isOwn(register)) {
        if (result === undefined) this.known.delete(register);
        else this.known.set(register, result);
      } else for (const [own, { terms }] of this.known) if (terms.some((term) => registerOfTerm(term) === register)) this.known.delete(own);
    }
  }
}
