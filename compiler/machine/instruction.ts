// Shape of a machine instruction's row, whatever the ISA, and the table compiled from the rows.
//
// A row names its operands in words, `role name kind field`:
//   role   use       read early               lateuse   still needed when results are written
//          def       written late             earlydef  written before the sources are read
//          mod       read, then written: one register, two virtual registers (a use and a def that shares its place)
//          temp      a register the instruction destroys, early
//          pin       a register outside the allocator's reach; the field names it
//          imm       anything that is no register
//          For a memory operand: use reads, def writes, mod both, imm only computes the address.
//   kind   r1 r2 r4 r8 integer register · x4 x8 x16 float register · m0 m1 m2 m4 m8 m16 memory, all by bytes touched
//          s8 s32 immediate, sign-extended · u8 immediate, zero-extended · i16 i32 i64 immediate, that many bits
//          condition · block · blocks (jump table) · function · trap (code) · list (registers of a calling convention)
//   field  where the encoder puts it; its words belong to the ISA, `-` means nowhere. `=name` behind it fixes a register; alone, it means nowhere too.
// An ISA extends the row with its encoding; a row may also carry its semantics one day.
//
// In vcode an operand takes cells (int32):
//   register 1 · mod 2 (use, def) · memory 4 (base, index, scale, displacement) · i64 2 (low, high) · other immediates 1
//   list 1 + 2n (n, then virtual register and fixed register in turn) · blocks 1 + n
// Operands of unknown length come last.

import { type PReg, asPReg, asVReg } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { packOperand } from '../regalloc/operand.ts';

export type Role = 'use' | 'lateuse' | 'def' | 'earlydef' | 'mod' | 'temp' | 'pin' | 'imm';
export type RegisterKind = 'r1' | 'r2' | 'r4' | 'r8' | 'x4' | 'x8' | 'x16';
export type MemoryKind = 'm0' | 'm1' | 'm2' | 'm4' | 'm8' | 'm16';
export type ImmediateKind = 's8' | 's32' | 'u8' | 'i16' | 'i32' | 'i64';
export type OtherKind = 'condition' | 'block' | 'blocks' | 'function' | 'trap' | 'list';
export type Kind = RegisterKind | MemoryKind | ImmediateKind | OtherKind;
export type OperandWord = `${Role} ${string} ${Kind} ${string}`;

export interface InstructionRow {
  /**
   * Assembly text in the vendor's syntax: the mnemonic alone, followed by the operands with a field in order of the row; or a whole line
   * in which `{name}` stands for an operand.
   */
  readonly asm: string;
  readonly operands: readonly OperandWord[];
  /** What it does to the flags register. `write` includes leaving some undefined. */
  readonly flags?: 'read' | 'write' | 'both';
  /** CPU feature without which the instruction does not exist. */
  readonly feature?: string;
  /** Only copies its use to its def. */
  readonly copy?: true;
  /** Destroys every allocatable register. */
  readonly call?: true;
  /** Ends a block. */
  readonly ends?: 'jump' | 'branch' | 'table' | 'return' | 'trap';
  /** Has no encoding of its own: the emitter knows it, or it has no bytes. */
  readonly pseudo?: true;
  /** Same bytes as some instruction of another row: the decoder answers that one. */
  readonly alias?: true;
  /** Name of the row with a one-byte immediate to which the emitter changes where the value fits. */
  readonly short?: string;
  /**
   * What it leaves in its destination, for rows with which emitters sum up addresses: operands, each perhaps shifted left by a number or another operand,
   * between ` + ` and ` - `; ` with ` puts 16 bits in place of those there. `zx` in front of one takes its low 32 bits; `sx32` or `zx32` in front of all
   * keeps the low 32 bits of the whole, sign- or zero-extended.
   */
  readonly sum?: string;
  /** Name of the row that branches where this one does not. Where a condition is an operand, its opposite says so instead. */
  readonly opposite?: string;
  /** Its 16-byte memory operand may lie anywhere. */
  readonly unaligned?: true;
  /** Traps of its own, besides those of memory. */
  readonly traps?: 'divide' | 'always';
}

export const operandKinds = { integer: 0, float: 1, memory: 2, immediate: 3, condition: 4, block: 5, blocks: 6, function: 7, trap: 8, list: 9 } as const;
export type OperandKind = keyof typeof operandKinds;

/** One operand of a row, parsed. */
export interface OperandShape {
  readonly role: Role;
  readonly name: string;
  readonly kind: OperandKind;
  readonly word: Kind;
  /** Bytes of the register, memory or immediate; 0 for other kinds. */
  readonly bytes: number;
  /** The field without `=name`; empty when the operand is not encoded. */
  readonly field: string;
  /** The register that `=name` fixes, or -1. */
  readonly fixed: number;
  /** First cell, counted from the instruction's first; meaningless behind an operand of unknown length. */
  readonly cell: number;
  /** Cells taken; 0 for unknown. */
  readonly cells: number;
  /** Smallest and largest value of an immediate. */
  readonly min: number;
  readonly max: number;
}

/** Cells of a memory operand, from its first. */
export const memoryCells = { base: 0, index: 1, scale: 2, displacement: 3, count: 4 } as const;

/**
 * What stands in a base cell that is no virtual register. `index` may be `none` too.
 * vmctx: the pinned register · incoming: the caller's stack arguments · outgoing: this function's, and its callees' stack results ·
 * frame: bytes below the frame's top, the displacement is positive · constant: displacement is an entry of the constant pool.
 * After emission has placed them only two are left: none (absolute), and pc (displacement from the instruction's end).
 */
export const bases = { none: -1, vmctx: -2, incoming: -3, outgoing: -4, frame: -5, constant: -6, pc: -7 } as const;

export interface RowShape<Row extends InstructionRow = InstructionRow> {
  readonly number: number;
  readonly name: string;
  readonly row: Row;
  readonly operands: readonly OperandShape[];
  /** Cells of an instruction, or the cells before its first operand of unknown length. */
  readonly cells: number;
  readonly variable: boolean;
  /** First cell of the memory operand, or -1. */
  readonly memoryCell: number;
  /** Number of the row's `short` twin, or -1. */
  readonly short: number;
  readonly readsFlags: boolean;
  readonly writesFlags: boolean;
  /**
   * For the allocator: register operands as pairs (cell, packed operand with virtual register 0), uses before defs; base and index of
   * memory operands among the uses, to be left out when negative. Lists follow and are not in here.
   */
  readonly program: Int32Array;
}

const widths: Record<Kind, readonly [kind: OperandKind, bytes: number, min: number, max: number]> = {
  r1: ['integer', 1, 0, 0],
  r2: ['integer', 2, 0, 0],
  r4: ['integer', 4, 0, 0],
  r8: ['integer', 8, 0, 0],
  x4: ['float', 4, 0, 0],
  x8: ['float', 8, 0, 0],
  x16: ['float', 16, 0, 0],
  m0: ['memory', 0, 0, 0],
  m1: ['memory', 1, 0, 0],
  m2: ['memory', 2, 0, 0],
  m4: ['memory', 4, 0, 0],
  m8: ['memory', 8, 0, 0],
  m16: ['memory', 16, 0, 0],
  s8: ['immediate', 1, -0x80, 0x7f],
  u8: ['immediate', 1, 0, 0xff],
  s32: ['immediate', 4, -0x80000000, 0x7fffffff],
  i16: ['immediate', 2, -0x8000, 0x7fff],
  i32: ['immediate', 4, -0x80000000, 0x7fffffff],
  i64: ['immediate', 8, -0x80000000, 0x7fffffff],
  condition: ['condition', 0, 0, 15],
  block: ['block', 0, 0, 0],
  blocks: ['blocks', 0, 0, 0],
  function: ['function', 0, 0, 0],
  trap: ['trap', 0, 0, 0],
  list: ['list', 0, 0, 0],
};

const cellCounts: Record<OperandKind, number> = {
  integer: 1,
  float: 1,
  memory: memoryCells.count,
  immediate: 1,
  condition: 1,
  block: 1,
  blocks: 0,
  function: 1,
  trap: 1,
  list: 0,
};

export const isRegisterKind = (kind: OperandKind): boolean => kind === 'integer' || kind === 'float';

function parseOperand(word: OperandWord, row: string, cell: number, registerNumber: (name: string) => number): OperandShape {
  const parts = word.split(' ');
  const [role, name, kindWord, field] = parts as [Role, string, Kind, string];
  const width = widths[kindWord];
  if (parts.length !== 4 || width === undefined) bug(`operand '${word}' is not readable`, row);
  const [kind, bytes, min, max] = width;
  const equals = field.indexOf('=');
  if (role === 'pin' && equals < 0) bug(`operand '${word}' names no register`, row);
  const cells = role === 'pin' ? 0 : kindWord === 'i64' || (role === 'mod' && isRegisterKind(kind)) ? 2 : cellCounts[kind];
  const fixed = equals < 0 ? -1 : registerNumber(field.slice(equals + 1));
  const place = equals < 0 ? field : field.slice(0, equals);
  return { role, name, kind, word: kindWord, bytes, field: place === '-' ? '' : place, fixed, cell, cells, min, max };
}

/** The allocator's view of the operands with known cells; see `RowShape.program`. */
function programOf(operands: readonly OperandShape[], row: string): Int32Array {
  const uses: number[] = [];
  const defs: number[] = [];
  const none = asVReg(0);
  for (const o of operands) {
    if (o.role === 'pin') continue;
    if (o.kind === 'memory') {
      const use = packOperand(none, 'use', 'early', 'register');
      uses.push(o.cell + memoryCells.base, use, o.cell + memoryCells.index, use);
      continue;
    }
    if (!isRegisterKind(o.kind)) continue;
    const constraint = o.fixed >= 0 ? 'fixed' : 'register';
    const detail = o.fixed >= 0 ? o.fixed : 0;
    switch (o.role) {
      case 'use':
        uses.push(o.cell, packOperand(none, 'use', 'early', constraint, detail));
        break;
      case 'lateuse':
        uses.push(o.cell, packOperand(none, 'use', 'late', constraint, detail));
        break;
      case 'def':
        defs.push(o.cell, packOperand(none, 'def', 'late', constraint, detail));
        break;
      case 'earlydef':
      case 'temp':
        defs.push(o.cell, packOperand(none, 'def', 'early', constraint, detail));
        break;
      case 'mod':
        // The def shares with operand 0 of the instruction, which is therefore the modified one.
        if (o.fixed < 0 && uses.length !== 0) bug(`modified operand '${o.name}' must be the first`, row);
        uses.push(o.cell, packOperand(none, 'use', 'early', constraint, detail));
        defs.push(o.cell + 1, o.fixed >= 0 ? packOperand(none, 'def', 'late', 'fixed', detail) : packOperand(none, 'def', 'late', 'reuse', 0));
        break;
      case 'imm':
        bug(`immediate '${o.name}' in a register`, row);
    }
  }
  return Int32Array.from([...uses, ...defs]);
}

/** All instructions of an ISA, by name and by number. */
export class InstructionSet<Row extends InstructionRow = InstructionRow> {
  readonly shapes: readonly RowShape<Row>[];
  private readonly numbers: ReadonlyMap<string, number>;

  /** Compiles the rows; numbers are positions. `registerNumber` knows the names that follow `=` in fields. */
  constructor(rows: Readonly<Record<string, Row>>, registerNumber: (name: string) => number) {
    const names = Object.keys(rows);
    this.numbers = new Map(names.map((name, number) => [name, number]));
    this.shapes = Object.entries(rows).map(([name, row], number) => {
      const operands: OperandShape[] = [];
      let cell = 0;
      let variable = false;
      for (const word of row.operands) {
        const operand = parseOperand(word, name, cell, registerNumber);
        if (variable && operand.cells !== 0) bug('operand behind one of unknown length', name);
        if (operand.cells === 0 && operand.role !== 'pin') variable = true;
        operands.push(operand);
        cell += operand.cells;
      }
      return {
        number,
        name,
        row,
        operands,
        cells: cell,
        variable,
        memoryCell: operands.find((o) => o.kind === 'memory')?.cell ?? -1,
        short: row.short === undefined ? -1 : this.numberOf(row.short),
        readsFlags: row.flags === 'read' || row.flags === 'both',
        writesFlags: row.flags === 'write' || row.flags === 'both' || row.call === true,
        program: programOf(operands, name),
      };
    });
  }
  get count(): number {
    return this.shapes.length;
  }
  shape(number: number): RowShape<Row> {
    return this.shapes[number] ?? bug(`no instruction row ${number}`);
  }
  /** Number of the row called `name`. */
  numberOf(name: string): number {
    return this.numbers.get(name) ?? bug(`no instruction row '${name}'`);
  }
  maybeNumberOf(name: string): number | undefined {
    return this.numbers.get(name);
  }
}

/** Codes of a table of rows by name: `codes.add32_rr`. */
export function rowNumbers<Name extends string>(rows: Readonly<Record<Name, InstructionRow>>): Record<Name, number> {
  return Object.fromEntries(Object.keys(rows).map((name, number) => [name, number])) as Record<Name, number>;
}

/** The physical register in a cell that holds a location below 64. */
export const registerInCell = (cell: number): PReg => asPReg(cell);
