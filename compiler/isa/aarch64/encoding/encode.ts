// Encodes one instruction from its row: the row's word with every operand put into its field.
// The cells hold what emission has made concrete: physical registers (0–31, 32–63), memory operands with a physical base or `pc`, immediates,
// condition codes, displacements from the instruction itself. A value that its field cannot hold is a bug of whoever emitted it.

import { bug } from '../../../base/errors.ts';
import type { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type InstructionSet, isRegisterKind, memoryCells } from '../../../machine/instruction.ts';
import { type ImmediateField, immediateFields } from './fields.ts';
import { maybeEncodeBase, maybeEncodeMemory, maybeEncodePair } from './memory-operand.ts';
import { type A64Row, registerFields } from './row.ts';

/** Reads operand cells: an `Int32Column`, or an array in tests. */
export interface Cells {
  at(index: number): number;
}

/** First bit of each condition field; `ncc` stores the negation. */
const conditionFields: Readonly<Record<string, number>> = { cc: 12, ncc: 12, cc0: 0 };

const kinds = { register: 0, registerTwice: 1, condition: 2, negatedCondition: 3, immediate: 4 } as const;
const stepCells = 3;

/** A row's encoding as numbers. */
interface Recipe {
  readonly name: string;
  /** The word with fixed registers in place, or undefined for a row without bytes. */
  readonly bits: number | undefined;
  /** Kind, cell, and first bit or number in `fields`, over and over. */
  readonly steps: Int32Array;
  readonly fields: readonly ImmediateField[];
  /** Cell of the memory operand or -1. */
  readonly memory: number;
  readonly memoryField: string;
  readonly memoryBytes: number;
  readonly literal: number | undefined;
}

function recipeOf({ row, operands, name }: InstructionSet<A64Row>['shapes'][number]): Recipe {
  let bits = row.bits;
  const steps: number[] = [];
  const fields: ImmediateField[] = [];
  let memory: (typeof operands)[number] | undefined;
  if (bits === undefined && row.pseudo !== true) bug('row without bits', name);
  for (const o of operands) {
    if (o.field === '') continue;
    const first = registerFields[o.field];
    const conditionFirst = conditionFields[o.field];
    const field = immediateFields[o.field];
    if (o.kind === 'memory') memory = o;
    else if (isRegisterKind(o.kind)) {
      if (o.fixed >= 0) bits = (bits ?? 0) | ((o.fixed & 31) << (first ?? bug(`no register field '${o.field}'`, name)));
      else if (o.field === 'nm') steps.push(kinds.registerTwice, o.cell, 0);
      else steps.push(kinds.register, o.cell, first ?? bug(`no register field '${o.field}'`, name));
    } else if (o.kind === 'condition') {
      steps.push(o.field === 'ncc' ? kinds.negatedCondition : kinds.condition, o.cell, conditionFirst ?? bug(`no condition field '${o.field}'`, name));
    } else {
      steps.push(kinds.immediate, o.cell, fields.length);
      fields.push(field ?? bug(`no field '${o.field}'`, name));
    }
  }
  return {
    name,
    bits,
    steps: Int32Array.from(steps),
    fields,
    memory: memory?.cell ?? -1,
    memoryField: memory?.field ?? '',
    memoryBytes: memory?.bytes ?? 0,
    literal: row.literal,
  };
}

/** Encodes instructions of one table of rows. */
export class Encoder {
  private readonly recipes: readonly Recipe[];
  constructor(set: InstructionSet<A64Row>) {
    this.recipes = set.shapes.map(recipeOf);
  }

  /** The word of row `row` whose cells begin at `cells.at(first)`. */
  word(row: number, cells: Cells, first: number): number {
    const r = this.recipes[row] ?? bug(`no instruction row ${row}`);
    const steps = r.steps;
    let word = r.bits ?? bug('an instruction without bytes', r.name);
    for (let i = 0; i < steps.length; i += stepCells) {
      const at = first + (steps[i + 1] as number);
      const value = cells.at(at);
      const detail = steps[i + 2] as number;
      switch (steps[i]) {
        case kinds.register:
          word |= (value & 31) << detail;
          break;
        case kinds.registerTwice:
          word |= ((value & 31) << 5) | ((value & 31) << 16);
          break;
        case kinds.condition:
          word |= value << detail;
          break;
        case kinds.negatedCondition:
          word |= (value ^ 1) << detail;
          break;
        default:
          word |= (r.fields[detail] as ImmediateField).encode(value, cells.at(at + 1)) ?? bug(`${value} does not fit`, r.name);
      }
    }
    if (r.memory < 0) return word;
    const at = first + r.memory;
    const base = cells.at(at);
    const index = cells.at(at + memoryCells.index);
    const displacement = cells.at(at + memoryCells.displacement);
    const whole =
      r.memoryField === 'mem'
        ? maybeEncodeMemory(word, r.literal, r.memoryBytes, base, index, cells.at(at + memoryCells.scale), displacement)
        : r.memoryField === 'base'
          ? maybeEncodeBase(word, base, index, displacement)
          : maybeEncodePair(word, r.memoryField, r.memoryBytes, base, index, displacement);
    return whole ?? bug(`memory operand ${base}, ${index}, ${displacement} has no form`, r.name);
  }

  /** Appends the instruction of row `row` whose cells begin at `cells.at(first)`. */
  encode(buffer: CodeBuffer, row: number, cells: Cells, first: number): void {
    buffer.put4(this.word(row, cells, first));
  }
}
