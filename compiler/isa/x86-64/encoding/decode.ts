// Decodes one instruction into its row and cells: the encoder's inverse, read from the same rows but by a road of its own.
// Only what the encoder emits is accepted: one mandatory or operand-size prefix, then REX, then the opcode. Anything else is undefined.
// Aliases and pseudo-instructions have no bytes of their own and are never answered.
// Source: Intel SDM volume 2, 2.1 "Instruction Format for Protected Mode, real-address Mode, and virtual-8086 mode", 2.2 "IA-32e Mode".

import { type InstructionSet, type OperandShape, type RowShape, bases } from '../../../machine/instruction.ts';
import { xmm0 } from '../registers.ts';
import type { X64Row } from './row.ts';

type Shape = RowShape<X64Row>;

export interface Decoded {
  readonly shape: Shape;
  /** Operand cells as the encoder takes them; a list is empty, so one zero cell. */
  readonly cells: readonly number[];
  /** Bytes taken. */
  readonly length: number;
}

const maps = { '0f': 1, '0f38': 2, '0f3a': 3 } as const;
const keyOf = (prefix: number, map: number, opcode: number): number => (map << 16) | (prefix << 8) | opcode;

/** Reads little-endian numbers; `failed` once the bytes have run out. */
class ByteCursor {
  private readonly bytes: Uint8Array;
  at: number;
  failed = false;
  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }
  peek(): number {
    return this.bytes[this.at] ?? -1;
  }
  u8(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) this.failed = true;
    return byte ?? 0;
  }
  s8(): number {
    return (this.u8() << 24) >> 24;
  }
  s16(): number {
    const low = this.u8();
    return low | (this.s8() << 8);
  }
  s32(): number {
    const low = this.u8() | (this.u8() << 8) | (this.u8() << 16);
    return low | (this.u8() << 24);
  }
}

interface Modrm {
  readonly mod: number;
  readonly reg: number;
  readonly rm: number;
  /** Memory operand's cells, undefined for a register. */
  readonly memory: readonly number[] | undefined;
}

function readModrm(bytes: ByteCursor, rex: number): Modrm {
  const byte = bytes.u8();
  const mod = byte >> 6;
  const reg = ((byte >> 3) & 7) | ((rex & 4) << 1);
  const low = byte & 7;
  const rm = low | ((rex & 1) << 3);
  if (mod === 3) return { mod, reg, rm, memory: undefined };
  let base = rm;
  let index = -1;
  let scale = 0;
  let wide = mod === 2;
  if (low === 4) {
    const sib = bytes.u8();
    scale = sib >> 6;
    index = ((sib >> 3) & 7) | ((rex & 2) << 2);
    base = (sib & 7) | ((rex & 1) << 3);
    if (index === 4) {
      index = -1;
      if (scale !== 0) bytes.failed = true;
    }
    if ((sib & 7) === 5 && mod === 0) {
      base = bases.none;
      wide = true;
    }
  } else if (low === 5 && mod === 0) {
    base = bases.pc;
    wide = true;
  }
  const displacement = wide ? bytes.s32() : mod === 1 ? bytes.s8() : 0;
  return { mod, reg, rm, memory: [base, index, scale, displacement] };
}

/** A register number as a cell: xmm registers lie above the integer ones. */
const registerCell = (o: OperandShape, number: number): number => (o.kind === 'float' ? xmm0 + number : number);

export class Decoder {
  private readonly candidates = new Map<number, Shape[]>();

  constructor(set: InstructionSet<X64Row>) {
    for (const shape of set.shapes) {
      const { row, operands } = shape;
      if (row.pseudo === true || row.alias === true || row.opcode === undefined) continue;
      const spread = operands.some((o) => o.field === 'op') ? 8 : operands.some((o) => o.field === 'cc') ? 16 : 1;
      for (let i = 0; i < spread; i++) {
        const key = keyOf(row.prefix ?? 0, row.map === undefined ? 0 : maps[row.map], row.opcode + i);
        const list = this.candidates.get(key);
        if (list === undefined) this.candidates.set(key, [shape]);
        else list.push(shape);
      }
    }
  }

  /** The instruction that begins at `offset`, or undefined when no row has these bytes. */
  maybeDecode(code: Uint8Array, offset: number): Decoded | undefined {
    const bytes = new ByteCursor(code, offset);
    let prefix = 0;
    if (bytes.peek() === 0x66 || bytes.peek() === 0xf2 || bytes.peek() === 0xf3) prefix = bytes.u8();
    const rex = (bytes.peek() & 0xf0) === 0x40 ? bytes.u8() : 0;
    let map = 0;
    let opcode = bytes.u8();
    if (opcode === 0x0f) {
      opcode = bytes.u8();
      map = opcode === 0x38 ? 2 : opcode === 0x3a ? 3 : 1;
      if (map !== 1) opcode = bytes.u8();
    }
    const list = this.candidates.get(keyOf(prefix, map, opcode)) ?? [];
    const start = bytes.at;
    for (const shape of list) {
      if ((shape.row.wide === true) !== ((rex & 8) !== 0)) continue;
      bytes.at = start;
      bytes.failed = false;
      const cells = this.maybeOperands(shape, bytes, rex, opcode);
      if (cells !== undefined && !bytes.failed) return { shape, cells, length: bytes.at - offset };
    }
    return undefined;
  }

  private maybeOperands(shape: Shape, bytes: ByteCursor, rex: number, opcode: number): readonly number[] | undefined {
    const { operands, row } = shape;
    const rm = operands.find((o) => o.field === 'rm');
    const reg = operands.find((o) => o.field === 'reg');
    const modrm = rm === undefined ? undefined : readModrm(bytes, rex);
    if (modrm !== undefined) {
      if ((modrm.memory !== undefined) !== (rm?.kind === 'memory')) return undefined;
      if (reg === undefined && modrm.reg !== (row.digit ?? 0)) return undefined;
    }
    const cells: number[] = [];
    for (const o of operands) {
      if (o.role === 'pin') continue;
      let number = 0;
      switch (o.field) {
        case 'reg':
          number = registerCell(o, modrm?.reg ?? 0);
          break;
        case 'rm':
          if (modrm?.memory !== undefined) {
            cells.push(...modrm.memory);
            continue;
          }
          number = registerCell(o, modrm?.rm ?? 0);
          break;
        case 'op':
          number = registerCell(o, (opcode & 7) | ((rex & 1) << 3));
          break;
        case 'cc':
          number = opcode & 15;
          break;
        case 'rel':
          number = bytes.s32();
          break;
        case 'rel8':
          number = bytes.s8();
          break;
        case 'imm':
          if (o.word === 'i64') {
            cells.push(bytes.s32(), bytes.s32());
            continue;
          }
          number = o.bytes === 1 ? (o.word === 'u8' ? bytes.u8() : bytes.s8()) : o.bytes === 2 ? bytes.s16() : bytes.s32();
          break;
        default:
          // No place in the encoding: a list that only the allocator sees, or the register that the row fixes.
          number = o.fixed >= 0 ? o.fixed : 0;
      }
      cells.push(number);
      if (o.role === 'mod' && o.kind !== 'memory') cells.push(number);
    }
    return cells;
  }
}
