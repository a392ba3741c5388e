// String tables and symbol tables (gABI, chapter 4 "String Table", "Symbol Table").

import { ByteWriter } from './bytes.ts';

/** A string table; each string once. */
export class StringTable {
  private readonly writer = new ByteWriter();
  private readonly offsets = new Map<string, number>();
  constructor() {
    this.add('');
  }
  /** Byte offset of `text`, which must not hold a zero byte. */
  add(text: string): number {
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      offset = this.writer.length;
      this.offsets.set(text, offset);
      this.writer.append(new TextEncoder().encode(text));
      this.writer.u8(0);
    }
    return offset;
  }
  toBytes(): Uint8Array {
    return this.writer.toBytes();
  }
}

const types = { none: 0, object: 1, function: 2, section: 3 } as const;

export interface ElfSymbol {
  readonly name: string;
  readonly type: keyof typeof types;
  readonly global: boolean;
  /** Number of its section in the file, from 1. */
  readonly section: number;
  /** Offset in the section; in images, the address. */
  readonly value: number;
  readonly byteLength: number;
}

export const symbolBytes = 24;

/** A symbol table and its strings. Local symbols come first, as the format wants; `firstGlobal` is the table's `sh_info`. */
export function symbolTable(symbols: readonly ElfSymbol[]): { readonly table: Uint8Array; readonly strings: Uint8Array; readonly firstGlobal: number; readonly ordered: readonly ElfSymbol[] } {
  const ordered = [...symbols.filter(({ global }) => !global), ...symbols.filter(({ global }) => global)];
  const strings = new StringTable();
  const writer = new ByteWriter();
  writer.append(new Uint8Array(symbolBytes));
  for (const { name, type, global, section, value, byteLength } of ordered) {
    writer.u32(strings.add(name));
    writer.u8((global ? 0x10 : 0) | types[type]);
    writer.u8(0);
    writer.u16(section);
    writer.u64(value);
    writer.u64(byteLength);
  }
  return { table: writer.toBytes(), strings: strings.toBytes(), firstGlobal: 1 + symbols.filter(({ global }) => !global).length, ordered };
}
