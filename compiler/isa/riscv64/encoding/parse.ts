// Parses assembly text as `print.ts` writes it: the row whose template and values fit.

import { bug } from '../../../base/errors.ts';
import { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type OperandShape, type RowShape, isRegisterKind } from '../../../machine/instruction.ts';
import { conditionNames, instructionSet } from '../instructions/table.ts';
import { f0, maybeRegister } from '../registers.ts';
import type { Decoded } from './decode.ts';
import { Encoder } from './encode.ts';
import { fits12, immediateFields, isDisplacement } from './fields.ts';
import { templateOf } from './print.ts';
import type { RvRow } from './row.ts';

type Shape = RowShape<RvRow>;

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
  readonly operands: readonly OperandShape[];
}

function groupPattern(o: OperandShape): string {
  if (o.kind === 'condition') return `(${conditionNames.join('|')})`;
  if (o.kind === 'memory') return '(-?\\d+\\(\\w+\\))';
  if (isRegisterKind(o.kind)) return '([a-z]+\\d*)';
  return `(${immediateFields[o.field]?.pattern ?? bug(`no field '${o.field}'`)})`;
}

const escape = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');

function compileTemplate(shape: Shape): Template {
  const operands: OperandShape[] = [];
  const source = templateOf(shape.row, shape.operands)
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return escape(part);
      const operand = shape.operands.find((o) => o.name === name) ?? bug(`no operand '${name}'`, shape.name);
      operands.push(operand);
      return groupPattern(operand);
    })
    .join('');
  return { shape, pattern: new RegExp(`^${source}$`), operands };
}

/** Templates by the first letters of their mnemonic, up to a dot, a blank or an operand. */
const templatesByStart = new Map<string, Template[]>();
const conditional = new RegExp(`^b(?:${conditionNames.join('|')})$`);
const startOf = (text: string): string => {
  const start = /^[a-z0-9]*/.exec(text)?.[0] ?? '';
  return conditional.test(start) ? 'b' : start;
};
for (const shape of instructionSet.shapes) {
  if (shape.row.pseudo === true || shape.row.alias === true) continue;
  const start = startOf(shape.row.asm);
  const list = templatesByStart.get(start);
  if (list === undefined) templatesByStart.set(start, [compileTemplate(shape)]);
  else list.push(compileTemplate(shape));
}

function maybeRegisterCell(o: OperandShape, text: string): readonly number[] | undefined {
  const register = maybeRegister(text)?.register;
  if (register === undefined || register >= f0 !== (o.kind === 'float')) return undefined;
  if (o.fixed >= 0 && register !== o.fixed) return undefined;
  return o.role === 'pin' ? [] : [register];
}

function maybeCells(o: OperandShape, text: string, offset: number): readonly number[] | undefined {
  if (isRegisterKind(o.kind)) return maybeRegisterCell(o, text);
  if (o.kind === 'condition') return [conditionNames.indexOf(text)];
  if (o.kind === 'memory') {
    const [, displacement = '', name = ''] = /^(-?\d+)\((\w+)\)$/.exec(text) ?? [];
    const base = maybeRegister(name)?.register;
    return base === undefined || base >= f0 || !fits12(Number(displacement)) ? undefined : [base, -1, 0, Number(displacement)];
  }
  const field = immediateFields[o.field] ?? bug(`no field '${o.field}'`);
  const value = isDisplacement(field) ? Number(text.replace('-', '')) * (text.startsWith('-') ? -1 : 1) - offset : (field.parse?.(text) ?? 0);
  return field.encode(value) === undefined ? undefined : [value];
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

function maybeInstruction({ shape, pattern, operands }: Template, text: string, offset: number): Decoded | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const byOperand = new Map<OperandShape, readonly number[]>();
  for (const [i, operand] of operands.entries()) {
    const cells = maybeCells(operand, match[i + 1] ?? '', offset);
    if (cells === undefined) return undefined;
    byOperand.set(operand, cells);
  }
  return { shape, cells: shape.operands.flatMap((o) => byOperand.get(o) ?? (o.role === 'pin' ? [] : [0])), length: 4 };
}

/** The instruction that `text` stands for at `offset`. Throws `AsmSyntaxError`. */
export function parseAsm(text: string, offset: number): Decoded {
  for (const template of templatesByStart.get(startOf(text)) ?? []) {
    const found = maybeInstruction(template, text, offset);
    if (found !== undefined) return found;
  }
  throw new AsmSyntaxError(`no instruction reads '${text}'`);
}
