// Writes ELF files (System V gABI, chapters 4 and 5): 64-bit, little-endian, for Linux. Sections are given in order; names, section table and offsets
// are the writer's. Three kinds of file:
//   relocatable   sections have no addresses and follow each other
//   executable    loaded at the addresses its sections say
//   shared        the same, from address 0
// In the latter two a section's file offset is its address minus that of the image, so that segments are plain stretches of the file; bytes
// before the first section are the headers, which the first segment includes.

import { bug } from '../base/errors.ts';
import type { ElfFacts } from '../contract/platform.ts';
import { ByteWriter } from './bytes.ts';
import { StringTable } from './symbols.ts';

const fileTypes = { relocatable: 1, executable: 2, shared: 3 } as const;
export type FileKind = keyof typeof fileTypes;

/** Section types of the gABI, `sh_type`. */
export const sectionTypes = { programBits: 1, symbolTable: 2, stringTable: 3, relocations: 4, hash: 5, dynamic: 6, dynamicSymbols: 11 } as const;
export const sectionFlags = { none: 0, write: 1, allocate: 2, execute: 4, infoLink: 0x40 } as const;
export const segmentTypes = { load: 1, dynamic: 2, gnuEhFrame: 0x6474e550, gnuStack: 0x6474e551 } as const;
export const segmentFlags = { execute: 1, write: 2, read: 4 } as const;

export const fileHeaderBytes = 64;
export const segmentHeaderBytes = 56;
const sectionHeaderBytes = 64;
/** Alignment of loaded segments: the largest page of the machines. */
export const segmentAlignment = 0x10000;

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** 0 in relocatable files and for what is not loaded. */
  readonly address: number;
  readonly alignment: number;
  readonly bytes: Uint8Array;
  readonly entryBytes?: number;
  /** Name of the section `sh_link` means. */
  readonly link?: string;
  /** `sh_info`: a number, or the name of a section. */
  readonly info?: number | string;
}

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly byteLength: number;
}

export interface ElfFile {
  readonly kind: FileKind;
  readonly isa: ElfFacts;
  /** Address of the first byte of the file once loaded. */
  readonly imageAddress: number;
  readonly entry: number;
  readonly segments: readonly Segment[];
  readonly sections: readonly Section[];
}

export function writeElf(file: ElfFile): Uint8Array {
  const names = new StringTable();
  const all: Section[] = [...file.sections];
  const nameOffsets = all.map(({ name }) => names.add(name));
  nameOffsets.push(names.add('.shstrtab'));
  all.push({ name: '.shstrtab', type: sectionTypes.stringTable, flags: 0, address: 0, alignment: 1, bytes: names.toBytes() });

  const body = new ByteWriter();
  const headers = fileHeaderBytes + segmentHeaderBytes * file.segments.length;
  body.append(new Uint8Array(headers));
  const offsets = all.map((section) => {
    const loaded = file.kind !== 'relocatable' && (section.flags & sectionFlags.allocate) !== 0;
    if (loaded) {
      const offset = section.address - file.imageAddress;
      if (offset < body.length) bug('sections of an image overlap or are not in order', section.name);
      body.append(new Uint8Array(offset - body.length));
    } else body.align(section.alignment);
    const offset = body.length;
    body.append(section.bytes);
    return offset;
  });
  body.align(8);
  const tableOffset = body.length;

  const sectionNumber = (name: string): number => all.findIndex((section) => section.name === name) + 1;
  body.append(new Uint8Array(sectionHeaderBytes));
  all.forEach((section, i) => {
    body.u32(nameOffsets[i] ?? 0);
    body.u32(section.type);
    body.u64(section.flags);
    body.u64(section.address);
    body.u64(offsets[i] ?? 0);
    body.u64(section.bytes.length);
    body.u32(section.link === undefined ? 0 : sectionNumber(section.link));
    body.u32(typeof section.info === 'string' ? sectionNumber(section.info) : (section.info ?? 0));
    body.u64(section.alignment);
    body.u64(section.entryBytes ?? 0);
  });
  const bytes = body.toBytes();
  bytes.set(headersOf(file, tableOffset, all.length + 1));
  return bytes;
}

function headersOf(file: ElfFile, sectionTable: number, sectionCount: number): Uint8Array {
  const { machine, flags } = file.isa;
  const header = new ByteWriter();
  // Magic, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE.
  header.append(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  header.u16(fileTypes[file.kind]);
  header.u16(machine);
  header.u32(1);
  header.u64(file.entry);
  header.u64(file.segments.length === 0 ? 0 : fileHeaderBytes);
  header.u64(sectionTable);
  header.u32(flags);
  header.u16(fileHeaderBytes);
  header.u16(file.segments.length === 0 ? 0 : segmentHeaderBytes);
  header.u16(file.segments.length);
  header.u16(sectionHeaderBytes);
  header.u16(sectionCount);
  header.u16(sectionCount - 1);
  for (const segment of file.segments) {
    header.u32(segment.type);
    header.u32(segment.flags);
    header.u64(segment.byteLength === 0 ? 0 : segment.address - file.imageAddress);
    header.u64(segment.address);
    header.u64(segment.address);
    header.u64(segment.byteLength);
    header.u64(segment.byteLength);
    header.u64(segment.type === segmentTypes.load ? segmentAlignment : 8);
  }
  return header.toBytes();
}
