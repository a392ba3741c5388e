// Reads one instruction after another into the same fields; nothing is allocated per instruction.
// Which fields are filled follows from the kind of immediate (opcodes.ts):
//
//   block                       blockType: ≥ 0 type index · noBlockType · ~value type
//   label function local global table element data memory                            index
//   'type table' 'element table' 'table table' 'data memory' 'memory memory'         index, second (in the order of the bytes)
//   labels                      labels, the default last
//   types                       index: the only type; typeCount: how many stood there
//   memarg                      alignment (binary logarithm), memory in index, memoryOffset
//   reference type              index: the type
//   i32 f32                     low            i64 f64   low, high (`wide` joins them)

import { Unsupported } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { BinaryReader, malformed } from './binary-reader.ts';
import { type Opcode, immediateKinds, immediateOf, noInstruction, opcodeLimit, prefixedStart } from './opcodes.ts';
import { isPrefix, maybeRefusedInstruction } from './proposals.ts';
import { readHeapType, readValueType, refuseType, valueTypeOfCode } from './types-reader.ts';

/** A block type without parameters and results. */
export const noBlockType = -64;

/** The JS interface's limit on the targets of a br_table. */
export const branchTableLimit = 65520;

const k = immediateKinds;

export class OperatorReader {
  readonly input: BinaryReader;
  /** Dense number of the instruction. */
  opcode = 0 as Opcode;
  /** Where it begins. */
  offset = 0;
  index = 0;
  second = 0;
  blockType = noBlockType;
  alignment = 0;
  memoryOffset = 0;
  low = 0;
  high = 0;
  typeCount = 0;
  readonly labels = new Int32Column();

  constructor(bytes: Uint8Array) {
    this.input = new BinaryReader(bytes, 0, 0);
  }

  /** The 64-bit immediate, signed. */
  wide(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  /** Reads the next instruction; answers the kind of its immediate. */
  next(): number {
    const input = this.input;
    const offset = input.position;
    this.offset = offset;
    const byte = input.u8();
    let kind = immediateOf(byte);
    this.opcode = byte as Opcode;
    if (kind === k.none) return kind;
    if (kind === noInstruction) kind = this.prefixed(byte, offset);
    switch (kind) {
      case k.none:
        break;
      case k.block:
        this.readBlockType();
        break;
      case k.label:
      case k.function:
      case k.local:
      case k.global:
      case k.table:
      case k.element:
      case k.memory:
      case k.data:
        this.index = input.u32();
        break;
      case k['type table']:
      case k['element table']:
      case k['table table']:
      case k['data memory']:
      case k['memory memory']:
        this.index = input.u32();
        this.second = input.u32();
        break;
      case k.labels:
        this.readLabels();
        break;
      case k.types:
        this.readTypes();
        break;
      case k.memarg:
        this.readMemoryArgument();
        break;
      case k['reference type']:
        this.index = readHeapType(input);
        break;
      case k.i32:
        this.low = input.s32();
        break;
      case k.i64:
        input.s64();
        this.low = input.low;
        this.high = input.high;
        break;
      case k.f32:
        this.low = input.bits32();
        break;
      case k.f64:
        input.bits64();
        this.low = input.low;
        this.high = input.high;
        break;
    }
    return kind;
  }

  /** The rest of an instruction's code behind a byte that is none of ours: our number behind a prefix, or a refusal. */
  private prefixed(byte: number, offset: number): number {
    const number = isPrefix(byte) ? this.input.u32() : undefined;
    if (byte === 0xfc && number !== undefined && number < opcodeLimit - prefixedStart) {
      const dense = prefixedStart + number;
      this.opcode = dense as Opcode;
      const kind = immediateOf(dense);
      if (kind !== noInstruction) return kind;
    }
    const refused = maybeRefusedInstruction(byte, number);
    if (refused !== undefined) throw new Unsupported(`${refused.feature} (${refused.name})`, offset);
    const code = number === undefined ? byte.toString(16).padStart(2, '0') : `${byte.toString(16)} ${number.toString(16)}`;
    return malformed(offset, `illegal opcode ${code}`);
  }

  private readBlockType(): void {
    const input = this.input;
    const byte = input.peek();
    if (byte === 0x40) {
      input.position++;
      this.blockType = noBlockType;
      return;
    }
    const offset = input.position;
    const type = valueTypeOfCode(byte);
    if (type !== -1) {
      input.position++;
      this.blockType = ~type;
      return;
    }
    const index = input.s33();
    if (index < 0) refuseType(byte, offset, 'malformed block type');
    this.blockType = index;
  }

  private readLabels(): void {
    const input = this.input;
    const count = input.count();
    if (count > branchTableLimit) throw new Unsupported(`limit: br_table with more than ${branchTableLimit} targets`, this.offset);
    const labels = this.labels;
    labels.clear();
    // Labels beyond int32 wrap to negative cells, which name no label either.
    for (let i = 0; i <= count; i++) labels.push(input.u32());
  }

  private readTypes(): void {
    const count = this.input.count();
    this.typeCount = count;
    for (let i = 0; i < count; i++) this.index = readValueType(this.input);
  }

  private readMemoryArgument(): void {
    const input = this.input;
    const offset = input.position;
    const flags = input.u32();
    // Bits 0–5: alignment; bit 6: a memory index follows (multi-memory).
    if (flags > 0x7f) malformed(offset, 'malformed memop flags');
    this.alignment = flags & 0x3f;
    this.index = (flags & 0x40) !== 0 ? input.u32() : 0;
    this.memoryOffset = input.u32OrLarger();
  }
}
