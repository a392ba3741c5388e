// Encodes one instruction from its row: the row's word with every operand put into its field.
// The cells hold what emission has made concrete: physical registers (0–31, 32–63), memory operands with a physical base and no index, immediates,
// condition codes, displacements from the instruction itself. A value that its field cannot hold is a bug of whoever emitted it.

import { bug } from '../../../base/errors.ts';
import type { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type InstructionSet, isRegisterKind, memoryCells } from '../../../machine/instruction.ts';
import { type ImmediateField, immediateFields, loadDisplacement, storeDisplacement } from './fields.ts';
import { type RvRow, conditionField, registerFields } from './row.ts';

/** Reads operand cells: an `Int32Column`, or an array in tests. */
export interface Cells {
  at(index: number): number;
}

/** Branch conditions are numbered without the gap that their funct3 has at 2 and 3. */
export const functOfCondition = (condition: number): number => (condition < 2 ? condition : condition + 2);

const kinds = { register: 0, condition: 1, immediate: 2 } as const;
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
  readonly displacement: ImmediateField;
}

function recipeOf({ row, operands, name }: InstructionSet<RvRow>['shapes'][number]): Recipe {
  let bits = row.bits;
  const steps: number[] = [];
  const fields: ImmediateField[] = [];
  let memory = -1;
  let displacement = loadDisplacement;
  if (bits === undefined && row.pseudo !== true) bug('row without bits', name);
  for (const o of operands) {
    if (o.field === '') continue;
    if (o.kind === 'memory') {
      memory = o.cell;
      displacement = displacementOf(o.field) ?? bug(`no memory field '${o.field}'`, name);
    } else if (isRegisterKind(o.kind)) {
      const first = registerFields[o.field] ?? bug(`no register field '${o.field}'`, name);
      if (o.fixed >= 0) bits = (bits ?? 0) | ((o.fixed & 31) << first);
      else steps.push(kinds.register, o.cell, first);
    } else if (o.kind === 'condition') steps.push(kinds.condition, o.cell, conditionField);
    else {
      steps.push(kinds.immediate, o.cell, fields.length);
      fields.push(immediateFields[o.field] ?? bug(`no field '${o.field}'`, name));
    }
  }
  return { name, bits, steps: Int32Array.from(steps), fields, memory, displacement };
}

/** The displacement field of a memory operand. */
export function displacementOf(field: string): ImmediateField | undefined {
  return field === 'load' ? loadDisplacement : field === 'store' ? storeDisplacement : undefined;
}

/** Encodes instructions of one table of rows. */
export class Encoder {
  private readonly recipes: readonly Recipe[];
  constructor(set: InstructionSet<RvRow>) {
    this.recipes = set.shapes.map(recipeOf);
  }

  /** The word of row `row` whose cells begin at `cells.at(first)`. */
  word(row: number, cells: Cells, first: number): number {
    const r = this.recipes[row] ?? bug(`no instruction row ${row}`);
    const steps = r.steps;
    let word = r.bits ?? bug('an instruction without bytes', r.name);
    for (let i = 0; i < steps.length; i += stepCells) {
      const value = cells.at(first + (steps[i + 1] as number));
      const detail = steps[i + 2] as number;
      switch (steps[i]) {
        case kinds.register:
          word |= (value & 31) << detail;
          break;
        case kinds.condition:
          word |= functOfCondition(value) << detail;
          break;
        default:
          word |= (r.fields[detail] as ImmediateField).encode(value) ?? bug(`${value} does not fit`, r.name);
      }
    }
    if (r.memory < 0) return word;
    const at = first + r.memory;
    const base = cells.at(at);
    const displacement = cells.at(at + memoryCells.displacement);
    const bits = r.displacement.encode(displacement);
    if (base < 0 || cells.at(at + memoryCells.index) >= 0 || bits === undefined) bug(`memory operand ${base}, ${displacement} has no form`, r.name);
    return word | (base << 15) | bits;
  }

  /** Appends the instruction of row `row` whose cells begin at `cells.at(first)`. */
  encode(buffer: CodeBuffer, row: number, cells: Cells, first: number): void {
    buffer.put4(this.word(row, cells, first));
  }
}
