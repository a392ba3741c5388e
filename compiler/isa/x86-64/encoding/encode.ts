// Encodes one instruction from its row.
// The cells hold what emission has made concrete: physical registers (0–15, 32–47), memory operands with a physical base, `none` or `pc`
// (displacement counted from the instruction's end, like `rel` operands), immediates, condition codes.
//
// Rules that rows do not say:
//   - rsp and r12 as base need a SIB byte; rbp and r13 as base need a displacement; rsp is no index
//   - spl, bpl, sil and dil need an empty REX prefix, without which the encoding means ah, ch, dh and bh
//   - no base, no pc: absolute, needs a SIB byte in 64-bit mode
// Source: Intel SDM volume 2, 2.1.5 "Addressing-Mode Encoding of ModR/M and SIB Bytes", 2.2.1 "REX Prefixes".

import { bug } from '../../../base/errors.ts';
import type { CodeBuffer } from '../../../machine/code-buffer.ts';
import { type InstructionSet, bases } from '../../../machine/instruction.ts';
import { rsp } from '../registers.ts';
import type { X64Row } from './row.ts';

/** Operand cells: a typed array, or a plain one. */
export type Cells = ArrayLike<number>;

const maps = { one: 0, '0f': 1, '0f38': 2, '0f3a': 3 } as const;
const absent = -1;

/** A row's encoding as numbers; `reg`, `rm`, … are cells of the instruction or -1. */
interface Recipe {
  readonly prefix: number;
  readonly map: number;
  readonly opcode: number;
  readonly wide: boolean;
  /** Value of ModRM.reg when no operand stands there, or -1. */
  readonly digit: number;
  readonly hasModrm: boolean;
  readonly reg: number;
  readonly regFixed: number;
  readonly rm: number;
  readonly rmFixed: number;
  readonly rmIsMemory: boolean;
  readonly op: number;
  readonly condition: number;
  readonly immediate: number;
  readonly immediateBytes: number;
  readonly rel: number;
  readonly rel8: number;
  /** One-byte register operands, for which numbers 4–7 need a REX prefix. */
  readonly byteReg: boolean;
  readonly byteRm: boolean;
}

function recipeOf(shape: InstructionSet<X64Row>['shapes'][number]): Recipe {
  const { row, operands, name } = shape;
  const at = (field: string) => operands.find((o) => o.field === field);
  const reg = at('reg');
  const rm = at('rm');
  const immediate = at('imm');
  const cellOf = (o: { readonly cell: number; readonly fixed: number } | undefined): number => (o === undefined || o.fixed >= 0 ? absent : o.cell);
  for (const o of operands) {
    if (o.field !== '' && !['reg', 'rm', 'op', 'imm', 'rel', 'rel8', 'cc'].includes(o.field)) bug(`no field '${o.field}'`, name);
  }
  if (row.opcode === undefined && row.pseudo !== true) bug('row without opcode', name);
  if (rm === undefined && (reg !== undefined || row.digit !== undefined)) bug('ModRM without rm', name);
  return {
    prefix: row.prefix ?? 0,
    map: maps[row.map ?? 'one'],
    opcode: row.opcode ?? 0,
    wide: row.wide === true,
    digit: row.digit ?? absent,
    hasModrm: rm !== undefined,
    reg: cellOf(reg),
    regFixed: reg?.fixed ?? absent,
    rm: cellOf(rm),
    rmFixed: rm?.fixed ?? absent,
    rmIsMemory: rm?.kind === 'memory',
    op: cellOf(at('op')),
    condition: cellOf(at('cc')),
    immediate: cellOf(immediate),
    immediateBytes: immediate?.bytes ?? 0,
    rel: cellOf(at('rel')),
    rel8: cellOf(at('rel8')),
    byteReg: reg?.bytes === 1,
    byteRm: rm?.bytes === 1 && rm.kind !== 'memory',
  };
}

/** Encodes instructions of one table of rows. */
export class Encoder {
  private readonly recipes: readonly Recipe[];
  constructor(set: InstructionSet<X64Row>) {
    this.recipes = set.shapes.map(recipeOf);
  }

  /** Appends the instruction of row `row` whose cells begin at `cells[first]`. */
  encode(buffer: CodeBuffer, row: number, cells: Cells, first: number): void {
    const r = this.recipes[row] ?? bug(`no instruction row ${row}`);
    const reg = r.reg >= 0 ? (cells[first + r.reg] as number) & 31 : r.regFixed >= 0 ? r.regFixed & 31 : r.digit >= 0 ? r.digit : 0;
    let rex = r.wide ? 0x48 : 0;
    if (reg > 7) rex |= 0x44;
    else if (r.byteReg && reg > 3) rex |= 0x40;
    let rm = 0;
    let index = 0;
    let op = r.opcode;
    if (r.rmIsMemory) {
      rm = (cells[first + r.rm] as number);
      index = (cells[first + r.rm + 1] as number);
      if (rm > 7) rex |= 0x41;
      if (index > 7) rex |= 0x42;
    } else if (r.hasModrm) {
      rm = (r.rm >= 0 ? (cells[first + r.rm] as number) : r.rmFixed) & 31;
      if (rm > 7) rex |= 0x41;
      else if (r.byteRm && rm > 3) rex |= 0x40;
    } else if (r.op >= 0) {
      const register = (cells[first + r.op] as number);
      if (register > 7) rex |= 0x41;
      op |= register & 7;
    }
    if (r.condition >= 0) op |= (cells[first + r.condition] as number);
    if (r.prefix !== 0) buffer.put1(r.prefix);
    if (rex !== 0) buffer.put1(rex);
    if (r.map !== 0) {
      buffer.put1(0x0f);
      if (r.map === 2) buffer.put1(0x38);
      else if (r.map === 3) buffer.put1(0x3a);
    }
    buffer.put1(op);
    if (r.hasModrm) {
      if (r.rmIsMemory) {
        putMemory(buffer, reg & 7, rm, index, (cells[first + r.rm + 2] as number), (cells[first + r.rm + 3] as number));
      } else buffer.put1(0xc0 | ((reg & 7) << 3) | (rm & 7));
    }
    if (r.immediate >= 0) {
      const value = (cells[first + r.immediate] as number);
      switch (r.immediateBytes) {
        case 1:
          buffer.put1(value);
          break;
        case 2:
          buffer.put2(value);
          break;
        case 8:
          buffer.put4(value);
          buffer.put4((cells[first + r.immediate + 1] as number));
          break;
        default:
          buffer.put4(value);
      }
    }
    if (r.rel >= 0) buffer.put4(cells[first + r.rel] as number);
    else if (r.rel8 >= 0) buffer.put1(cells[first + r.rel8] as number);
  }

  /** Bytes of immediate behind the displacement of a memory operand of row `row`. */
  immediateBytes(row: number): number {
    return this.recipes[row]?.immediateBytes ?? 0;
  }
}

/** ModRM, SIB and displacement of a memory operand. */
function putMemory(buffer: CodeBuffer, reg: number, base: number, index: number, scale: number, displacement: number): void {
  const regBits = reg << 3;
  if (base === bases.pc) {
    buffer.put1(regBits | 5);
    buffer.put4(displacement);
    return;
  }
  if (index === rsp) bug('rsp is no index register');
  if (base < 0) {
    if (base !== bases.none) bug(`memory operand not placed: base ${base}`);
    buffer.put1(regBits | 4);
    buffer.put1((scale << 6) | ((index < 0 ? 4 : index & 7) << 3) | 5);
    buffer.put4(displacement);
    return;
  }
  const low = base & 7;
  const mod = displacement === 0 && low !== 5 ? 0 : displacement >= -0x80 && displacement <= 0x7f ? 0x40 : 0x80;
  if (index >= 0 || low === 4) {
    buffer.put1(mod | regBits | 4);
    buffer.put1((scale << 6) | ((index < 0 ? 4 : index & 7) << 3) | low);
  } else buffer.put1(mod | regBits | low);
  if (mod === 0x40) buffer.put1(displacement);
  else if (mod === 0x80) buffer.put4(displacement);
}
