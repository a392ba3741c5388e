// Parses assembly text as `print.ts` writes it: the row whose template and values fit.

import { bug } from '../../../base/errors.ts';
import { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type OperandShape, type RowShape, bases, isRegisterKind } from '../../../machine/instruction.ts';
import { conditionNames, instructionSet } from '../instructions/table.ts';
import { maybeRegister, v0, zero } from '../registers.ts';
import type { Decoded } from './decode.ts';
import { Encoder } from './encode.ts';
import { immediateFields, isDisplacement } from './fields.ts';
import { templateOf } from './print.ts';
import { type A64Row, isStackPointerField } from './row.ts';

type Shape = RowShape<A64Row>;

/** The text is no instruction of ours; the message says what was read. */
export class AsmSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AsmSyntaxError';
  }
}

interface Group {
  readonly operand: OperandShape;
  readonly arrangement: string;
}

interface Template {
  readonly shape: Shape;
  readonly pattern: RegExp;
  /** Operands in the order of the pattern's groups. */
  readonly groups: readonly Group[];
}

const number = '-?0x[0-9a-f]+';
const memoryPatterns: Record<string, string> = {
  mem: `(\\[[^\\]]*\\]|${number})`,
  base: '(\\w+)',
  pair: '(\\[[^\\]]*\\])',
  prepair: '(\\[[^\\]]*\\]!)',
  postpair: '(\\[[^\\]]*\\], #-?\\d+)',
};

function groupPattern({ operand, arrangement }: Group): string {
  if (operand.kind === 'condition') return `(${conditionNames.join('|')})`;
  if (operand.kind === 'memory') return memoryPatterns[operand.field] ?? bug(`no memory field '${operand.field}'`);
  if (isRegisterKind(operand.kind)) return arrangement === '' ? '([a-z]+\\d*)' : /^\d/.test(arrangement) ? `v(\\d+)\\.${arrangement}` : `${arrangement}(\\d+)`;
  return `(${immediateFields[operand.field]?.pattern ?? bug(`no field '${operand.field}'`)})`;
}

const escape = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\#]/g, '\\$&');

function compileTemplate(shape: Shape): Template {
  const groups: Group[] = [];
  const source = templateOf(shape.row, shape.operands)
    .split(/(\{[\w.]+\})/)
    .map((part) => {
      const word = /^\{(\w+)(?:\.(\w+))?\}$/.exec(part);
      if (word === null) return escape(part);
      const operand = shape.operands.find((o) => o.name === word[1]) ?? bug(`no operand '${word[1]}'`, shape.name);
      const group = { operand, arrangement: word[2] ?? '' };
      groups.push(group);
      return groupPattern(group);
    })
    .join('');
  return { shape, pattern: new RegExp(`^${source}$`), groups };
}

/** Templates by their mnemonic, up to a dot, a blank or an operand. */
const templatesByStart = new Map<string, Template[]>();
const startOf = (text: string): string => /^[a-z0-9]*/.exec(text)?.[0] ?? '';
for (const shape of instructionSet.shapes) {
  if (shape.row.pseudo === true || shape.row.alias === true) continue;
  const start = startOf(shape.row.asm);
  const template = compileTemplate(shape);
  const list = templatesByStart.get(start);
  if (list === undefined) templatesByStart.set(start, [template]);
  else list.push(template);
}

function maybeMemory(o: OperandShape, text: string, offset: number): readonly number[] | undefined {
  if (o.field === 'base') return maybeMemory({ ...o, field: 'mem' }, `[${text}]`, offset);
  if (!text.startsWith('[')) return [bases.pc, -1, 0, Number(text.replace('-', '')) * (text.startsWith('-') ? -1 : 1) - offset];
  const match = /^\[(\w+)(?:, (?:#(-?\d+)|(\w+)(?:, lsl #(\d))?))?\]!?(?:, #(-?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, baseName = '', before, indexName, shift, after] = match;
  const base = maybeRegister(baseName);
  if (base?.bytes !== 8 || baseName === 'xzr') return undefined;
  if (indexName === undefined) return [base.register, -1, 0, Number(before ?? after ?? 0)];
  const index = maybeRegister(indexName);
  if (o.field !== 'mem' || index === undefined || index.register >= zero || index.bytes !== 8) return undefined;
  return [base.register, index.register, Number(shift ?? 0), 0];
}

function maybeRegisterCells(o: OperandShape, arrangement: string, text: string): readonly number[] | undefined {
  const cells = (register: number): readonly number[] => (o.role === 'mod' ? [register, register] : o.role === 'pin' ? [] : [register]);
  if (arrangement !== '') return Number(text) < 32 ? cells(v0 + Number(text)) : undefined;
  const found = maybeRegister(text);
  if (found === undefined || found.bytes !== (o.kind === 'integer' ? Math.max(o.bytes, 4) : o.bytes)) return undefined;
  if ((found.register >= v0) !== (o.kind === 'float')) return undefined;
  if (o.fixed >= 0) return found.register === o.fixed && isZeroName(text) !== isStackPointerField(o.field) ? cells(o.fixed) : undefined;
  if (found.register === zero && (isZeroName(text) || !isStackPointerField(o.field))) return undefined;
  return cells(found.register);
}
const isZeroName = (text: string): boolean => !text.endsWith('sp');

function maybeCells({ operand: o, arrangement }: Group, text: string, offset: number): readonly number[] | undefined {
  if (isRegisterKind(o.kind)) return maybeRegisterCells(o, arrangement, text);
  if (o.kind === 'memory') return maybeMemory(o, text, offset);
  if (o.kind === 'condition') return [conditionNames.indexOf(text)];
  const field = immediateFields[o.field] ?? bug(`no field '${o.field}'`);
  if (!isDisplacement(field)) return field.parse?.(text);
  const target = Number(text.replace('-', '')) * (text.startsWith('-') ? -1 : 1);
  return [o.field === 'page' ? target / 4096 - Math.floor(offset / 4096) : target - offset];
}

const encoder = new Encoder(instructionSet);
const scratch = new CodeBuffer();

const cellsReader = (cells: readonly number[]) => ({ at: (index: number): number => cells[index] ?? 0 });

/** Bytes of an instruction. */
export function encodeDecoded({ shape, cells }: Pick<Decoded, 'shape' | 'cells'>): Uint8Array {
  scratch.length = 0;
  encoder.encode(scratch, shape.number, cellsReader(cells), 0);
  return scratch.toBytes();
}

/** Whether every operand's value has a place in its field. */
function fitsFields(shape: Shape, cells: readonly number[]): boolean {
  return shape.operands.every((o) => {
    const field = o.fixed >= 0 || isRegisterKind(o.kind) || o.kind === 'memory' || o.kind === 'condition' ? undefined : immediateFields[o.field];
    return field === undefined || field.encode(cells[o.cell] ?? 0, cells[o.cell + 1] ?? 0) !== undefined;
  });
}

function maybeInstruction({ shape, pattern, groups }: Template, text: string, offset: number): Decoded | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const byOperand = new Map<OperandShape, readonly number[]>();
  for (const [i, group] of groups.entries()) {
    const cells = maybeCells(group, match[i + 1] ?? '', offset);
    if (cells === undefined) return undefined;
    byOperand.set(group.operand, cells);
  }
  const cells = shape.operands.flatMap((o) => byOperand.get(o) ?? (o.role === 'pin' ? [] : [0]));
  return fitsFields(shape, cells) ? { shape, cells, length: 4 } : undefined;
}

/** The instruction that `text` stands for at `offset`. Throws `AsmSyntaxError`. */
export function parseAsm(text: string, offset: number): Decoded {
  for (const template of templatesByStart.get(startOf(text)) ?? []) {
    const found = maybeInstruction(template, text, offset);
    if (found !== undefined) return found;
  }
  throw new AsmSyntaxError(`no instruction reads '${text}'`);
}
