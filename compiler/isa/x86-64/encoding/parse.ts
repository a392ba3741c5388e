// Parses assembly text as `print.ts` writes it: the row whose template fits and whose encoding is shortest, or the row named in braces.

import { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type OperandShape, type RowShape, bases } from '../../../machine/instruction.ts';
import { conditionNames, instructionSet } from '../instructions/table.ts';
import { maybeRegister } from '../registers.ts';
import type { Decoded } from './decode.ts';
import { Encoder } from './encode.ts';
import type { X64Row } from './row.ts';

type Shape = RowShape<X64Row>;

/** The text is no instruction of ours; the message says what was read. */
export class AsmSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AsmSyntaxError';
  }
}

interface Template {
  readonly shape: Shape;
  readonly pattern: RegExp;
  /** Operands in the order of the pattern's groups. */
  readonly groups: readonly OperandShape[];
}

const conditionPattern = `(${[...conditionNames].sort((a, b) => b.length - a.length).join('|')})`;

function groupPattern(o: OperandShape): string {
  if (o.kind === 'condition') return conditionPattern;
  if (o.kind === 'memory') return '((?:\\w+ ptr )?\\[[^\\]]*\\])';
  return o.kind === 'integer' || o.kind === 'float' ? '([a-z]\\w*)' : '(-?\\w+)';
}

const escape = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');

function templateOf(shape: Shape): Template {
  const { asm } = shape.row;
  const shown = shape.operands.filter((o) => o.field !== '' || o.role === 'pin');
  const text = asm.includes('{') || shown.length === 0 ? asm : `${asm} ${shown.map((o) => `{${o.name}}`).join(', ')}`;
  const groups: OperandShape[] = [];
  const source = text
    .split(/(\{\w+\})/)
    .map((part) => {
      const operand = part.startsWith('{') ? shape.operands.find((o) => `{${o.name}}` === part) : undefined;
      if (operand === undefined) return escape(part);
      groups.push(operand);
      return groupPattern(operand);
    })
    .join('');
  return { shape, pattern: new RegExp(`^${source}$`), groups };
}

const templates: readonly Template[] = instructionSet.shapes.filter((s) => s.row.pseudo !== true && s.row.alias !== true).map(templateOf);

/** Templates by the letters with which their text begins, up to the first operand or space. */
const templatesByStart = new Map<string, Template[]>();
for (const template of templates) {
  const start = /^[a-z0-9]*/.exec(template.shape.row.asm)?.[0] ?? '';
  const list = templatesByStart.get(start);
  if (list === undefined) templatesByStart.set(start, [template]);
  else list.push(template);
}

const pointerBytes: Record<string, number> = { '': 0, 'byte ptr ': 1, 'word ptr ': 2, 'dword ptr ': 4, 'qword ptr ': 8, 'xmmword ptr ': 16 };

function maybeMemory(text: string, bytes: number): number[] | undefined {
  const match = /^(\w+ ptr )?\[(.*)\]$/.exec(text);
  if (match === null || pointerBytes[match[1] ?? ''] !== bytes) return undefined;
  let base: number = bases.none;
  let index = -1;
  let scale = 0;
  let displacement = 0;
  for (const term of (match[2] ?? '').replaceAll(' ', '').replaceAll('-', '+-').split('+')) {
    if (term === '') continue;
    const [name = '', factor] = term.split('*');
    const register = maybeRegister(name);
    if (name === 'rip') base = bases.pc;
    else if (register?.bytes === 8 && factor !== undefined) {
      index = register.register;
      scale = Math.log2(Number(factor));
    } else if (register?.bytes === 8 && base === bases.none) base = register.register;
    else if (/^-?\d+$/.test(name)) displacement = Number(name);
    else return undefined;
  }
  return Number.isInteger(scale) && scale >= 0 && scale <= 3 ? [base, index, scale, displacement] : undefined;
}

function maybeCells(o: OperandShape, text: string): number[] | undefined {
  switch (o.kind) {
    case 'integer':
    case 'float': {
      const register = maybeRegister(text);
      if (register === undefined || (o.kind === 'float' ? register.bytes !== 16 : register.bytes !== o.bytes)) return undefined;
      if (o.fixed >= 0 && register.register !== o.fixed) return undefined;
      return o.role === 'mod' ? [register.register, register.register] : o.role === 'pin' ? [] : [register.register];
    }
    case 'memory':
      return maybeMemory(text, o.bytes);
    case 'condition':
      return [conditionNames.indexOf(text)];
    case 'immediate': {
      if (!/^-?(\d+|0x[0-9a-f]+)$/.test(text)) return undefined;
      const value = BigInt(text);
      if (o.word === 'i64') return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
      return value >= BigInt(o.min) && value <= BigInt(o.max) ? [Number(value)] : undefined;
    }
    default:
      if (!/^-?0x[0-9a-f]+$/.test(text)) return undefined;
      return [text.startsWith('-') ? -Number(text.slice(1)) : Number(text)];
  }
}

const encoder = new Encoder(instructionSet);
const scratch = new CodeBuffer();

/** Bytes of an instruction. */
export function encodeDecoded({ shape, cells }: Pick<Decoded, 'shape' | 'cells'>): Uint8Array {
  scratch.length = 0;
  encoder.encode(scratch, shape.number, cells, 0);
  return scratch.toBytes();
}

function maybeInstruction({ shape, pattern, groups }: Template, text: string, offset: number): Decoded | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const byOperand = new Map<OperandShape, readonly number[]>();
  for (const [i, operand] of groups.entries()) {
    const cells = maybeCells(operand, match[i + 1] ?? '');
    if (cells === undefined) return undefined;
    byOperand.set(operand, cells);
  }
  const unseen = (o: OperandShape): readonly number[] => {
    const cell = o.fixed >= 0 ? o.fixed : 0;
    return o.role === 'pin' ? [] : o.role === 'mod' ? [cell, cell] : [cell];
  };
  const cells = shape.operands.flatMap((o) => byOperand.get(o) ?? unseen(o));
  const length = encodeDecoded({ shape, cells }).length;
  // A branch is written with the offset it goes to; its cell counts from the instruction's end.
  for (const o of shape.operands) {
    if (o.field !== 'rel' && o.field !== 'rel8') continue;
    const distance = (cells[o.cell] ?? 0) - offset - length;
    if (o.field === 'rel8' && (distance < -0x80 || distance > 0x7f)) return undefined;
    cells[o.cell] = distance | 0;
  }
  return { shape, cells, length };
}

/** The instruction that `text` stands for at `offset`. Throws `AsmSyntaxError`. */
export function parseAsm(text: string, offset: number): Decoded {
  const named = /^\{(\w+)\} (.*)$/.exec(text);
  const [name, plain] = named === null ? [undefined, text] : [named[1], named[2] ?? ''];
  let best: Decoded | undefined;
  const word = /^[a-z0-9]*/.exec(plain)?.[0] ?? '';
  for (let end = word.length; end > 0; end--) {
    for (const template of templatesByStart.get(word.slice(0, end)) ?? []) {
      if (name !== undefined && template.shape.name !== name) continue;
      const found = maybeInstruction(template, plain, offset);
      if (found !== undefined && (best === undefined || found.length < best.length)) best = found;
    }
  }
  if (best === undefined) throw new AsmSyntaxError(`no instruction reads '${text}'`);
  return best;
}
