// The instructions of an editable module: the interpreter's table of all of Wasm 3.0 and threads, by opcode and by name, and what follows each opcode.
//
// An instruction holds its immediates in one list; the layout goes by the row's kind of immediate:
//   block       block type                                 labels      depths, the default last
//   tryTable    block type, then kind, tag, depth of each  memarg      alignment, offset (bigint), memory
//   memargLane  alignment, offset, memory, lane            cast        flags, depth, heap type from, heap type to
//   selectTypes value types                                v128, shuffle  sixteen bytes
// Numbers are numbers, but i64, f64 bits and offsets are bigints; types are texts (`i32`, `(ref null $3)`), block types are '' for none, a value type, or `$3`.

import { type Immediate, type Instruction as Row, prefixedInstruction, prefixedOpcode, singleInstruction } from '../../interpreter/index.ts';

export type { Immediate, Row };
export type Argument = number | bigint | string;

export interface Instruction {
  readonly row: Row;
  readonly args: readonly Argument[];
  /** Of block, loop, if and try_table. */
  readonly body?: Code;
  /** Of an if that has an else. */
  readonly otherwise?: Code;
}

export type Code = readonly Instruction[];

export type Space = 'type' | 'function' | 'table' | 'memory' | 'global' | 'tag' | 'element' | 'data';

/** Index spaces that arguments refer to, by place; types inside texts are found apart. */
export const references: Readonly<Record<Immediate, readonly (Space | undefined)[]>> = {
  none: [], block: [], tryTable: [], label: [], labels: [], function: ['function'], type: ['type'], typeTable: ['type', 'table'], local: [], global: ['global'],
  table: ['table'], tag: ['tag'], memory: ['memory'], memarg: [undefined, undefined, 'memory'], memargLane: [undefined, undefined, 'memory'], lane: [], i32: [], i64: [],
  f32: [], f64: [], v128: [], shuffle: [], selectTypes: [], heap: [], data: ['data'], elem: ['element'], dataMemory: ['data', 'memory'], memoryMemory: ['memory', 'memory'],
  elemTable: ['element', 'table'], tableTable: ['table', 'table'], typeField: ['type'], typeType: ['type', 'type'], typeData: ['type', 'data'], typeElem: ['type', 'element'],
  typeCount: ['type'], cast: [], zero: [],
};

/** Largest number behind a prefix that the table may hold. */
const prefixLimit = 0x200;

const rows: Row[] = [];
for (let byte = 0; byte < 0x100; byte++) {
  const row = singleInstruction(byte);
  if (row !== undefined) rows.push(row);
}
for (let prefix = 0xfb; prefix <= 0xfe; prefix++) {
  for (let number = 0; number < prefixLimit; number++) {
    const row = prefixedInstruction(prefix, number);
    if (row !== undefined) rows.push(row);
  }
}

/** All instructions, in the order of their opcodes. */
export const allRows: readonly Row[] = rows;

const byName = new Map<string, Row>();
for (const row of rows) if (!byName.has(row.name)) byName.set(row.name, row);

/** The row of that name; of the two `select`s the one without types. */
export function rowNamed(name: string): Row {
  const row = byName.get(name);
  if (row === undefined) throw new RangeError(`no instruction is called ${name}`);
  return row;
}

export function instruction(name: string, ...args: Argument[]): Instruction {
  return { row: rowNamed(name), args };
}

/** A block, loop or if; `type` as in the header. */
export function blockOf(name: 'block' | 'loop' | 'if', type: string, body: Code, otherwise?: Code): Instruction {
  return { row: rowNamed(name), args: [type], body, ...(otherwise === undefined ? {} : { otherwise }) };
}

/** Opcodes by which code is told apart. */
export const opcode = {
  unreachable: 0x00, nop: 0x01, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, throw: 0x08, throwRef: 0x0a, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f,
  call: 0x10, callIndirect: 0x11, returnCall: 0x12, returnCallIndirect: 0x13, callRef: 0x14, returnCallRef: 0x15, drop: 0x1a, select: 0x1b, selectTypes: 0x1c, tryTable: 0x1f,
  localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24, tableGet: 0x25, tableSet: 0x26, memorySize: 0x3f, memoryGrow: 0x40,
  i32Const: 0x41, i64Const: 0x42, f32Const: 0x43, f64Const: 0x44, refNull: 0xd0, refIsNull: 0xd1, refFunc: 0xd2, refEq: 0xd3, refAsNonNull: 0xd4, brOnNull: 0xd5, brOnNonNull: 0xd6,
  v128Const: prefixedOpcode(0xfd, 0x0c), shuffle: prefixedOpcode(0xfd, 0x0d),
} as const;

/** Whether control never goes on behind this instruction. */
export function isTerminator({ row }: Instruction): boolean {
  switch (row.opcode) {
    case opcode.unreachable: case opcode.br: case opcode.brTable: case opcode.return: case opcode.returnCall: case opcode.returnCallIndirect: case opcode.returnCallRef:
    case opcode.throw: case opcode.throwRef:
      return true;
    default:
      return false;
  }
}

/** Instructions in a sequence, those inside blocks included; a block counts as one. */
export function countInstructions(code: Code): number {
  let count = code.length;
  for (const { body, otherwise } of code) {
    if (body !== undefined) count += countInstructions(body);
    if (otherwise !== undefined) count += countInstructions(otherwise);
  }
  return count;
}

/** Rewrites a sequence from the inside out; what changes nothing gives the same object. */
export function mapCode(code: Code, change: (one: Instruction, depth: number) => Instruction | Code, depth = 0): Code {
  let result: Instruction[] | undefined;
  for (let at = 0; at < code.length; at++) {
    const before = code[at];
    if (before === undefined) break;
    let one = before;
    if (before.body !== undefined) {
      const body = mapCode(before.body, change, depth + 1);
      const otherwise = before.otherwise === undefined ? undefined : mapCode(before.otherwise, change, depth + 1);
      if (body !== before.body || otherwise !== before.otherwise) one = { row: before.row, args: before.args, body, ...(otherwise === undefined ? {} : { otherwise }) };
    }
    const after = change(one, depth);
    if (after === before && result === undefined) continue;
    result ??= code.slice(0, at);
    if ('row' in after) result.push(after);
    else result.push(...after);
  }
  return result ?? code;
}

/** Visits every instruction, outer ones first; `depth` counts the labels around it. */
export function eachInstruction(code: Code, visit: (one: Instruction, depth: number) => void, depth = 0): void {
  for (const one of code) {
    visit(one, depth);
    if (one.body !== undefined) eachInstruction(one.body, visit, depth + 1);
    if (one.otherwise !== undefined) eachInstruction(one.otherwise, visit, depth + 1);
  }
}

/** Places of branch depths among an instruction's arguments. A try_table's own label is not around its catch clauses, so their depths count from outside. */
export function labelPlaces({ row, args }: Instruction): number[] {
  switch (row.immediate) {
    case 'label': return [0];
    case 'labels': return args.map((_, place) => place);
    case 'cast': return [1];
    case 'tryTable': return args.flatMap((_, place) => (place > 0 && place % 3 === 0 ? [place] : []));
    default: return [];
  }
}

/**
 * Changes the labels of code that moves: `change` gets the number of the label counted from the moved code's own outside (0 is the innermost label
 * around it) and answers the new number, or undefined where there is none any more.
 */
export function moveLabels(code: Code, change: (label: number) => number | undefined): Code | undefined {
  let isPossible = true;
  const moved = mapCode(code, (one, depth) => {
    const places = labelPlaces(one);
    if (places.length === 0) return one;
    let args: Argument[] | undefined;
    for (const place of places) {
      const label = Number(one.args[place]) - depth;
      if (label < 0) continue;
      const to = change(label);
      if (to === undefined) isPossible = false;
      else if (to !== label) {
        args ??= [...one.args];
        args[place] = to + depth;
      }
    }
    return args === undefined ? one : { ...one, args };
  });
  return isPossible ? moved : undefined;
}

/** Whether code branches to the label that many outside of it. */
export function branchesTo(code: Code, label: number): boolean {
  let found = false;
  eachInstruction(code, (one, depth) => {
    for (const place of labelPlaces(one)) if (one.args[place] === label + depth) found = true;
  });
  return found;
}
