// Shared objects from artifacts: what the system's loader maps and finds symbols in. Code is position-independent, so there is nothing to relocate.
//
//   read-only   headers, .hash, .dynsym, .dynstr, .eh_frame_hdr, .eh_frame, .assay.traps
//   executable  .text
//   writable    .dynamic, whose addresses the loader changes in place

import type { Artifact } from '../contract/artifact.ts';
import type { Platform } from '../contract/platform.ts';
import { ByteWriter } from './bytes.ts';
import { callFrameInfo, frameIndex, frameIndexBytes } from './call-frame-info.ts';
import { fileHeaderBytes, sectionFlags, sectionTypes, type Section, segmentAlignment, segmentFlags, segmentHeaderBytes, type Segment, segmentTypes, writeElf } from './elf.ts';
import { codeSymbols, framedRanges, trapTableBytes } from './module-parts.ts';
import { type ElfSymbol, StringTable, symbolBytes, symbolTable } from './symbols.ts';

/** `d_tag` of the gABI's "Dynamic Section". */
const tags = { end: 0, hash: 4, strings: 5, symbols: 6, stringBytes: 10, symbolBytes: 11, name: 14 } as const;
const mostSegments = 6;
/** A zero length ends the call-frame information. */
const terminatorBytes = 4;

const roundUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

/** The gABI's hash of a symbol's name. */
function hashOf(name: string): number {
  let hash = 0;
  for (const byte of new TextEncoder().encode(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}

function hashTable(symbols: readonly ElfSymbol[]): Uint8Array {
  const buckets = new Uint32Array(Math.max(1, symbols.length >> 1));
  const chains = new Uint32Array(symbols.length + 1);
  symbols.forEach(({ name }, i) => {
    const bucket = hashOf(name) % buckets.length;
    chains[i + 1] = buckets[bucket] ?? 0;
    buckets[bucket] = i + 1;
  });
  const writer = new ByteWriter();
  for (const value of [buckets.length, chains.length, ...buckets, ...chains]) writer.u32(value);
  return writer.toBytes();
}

/** A shared object of this name (`DT_SONAME`) for the artifact's platform; symbols begin with `prefix` and an underscore. */
export function writeShared(artifact: Artifact, platform: Platform, name: string, prefix = 'wasm'): Uint8Array {
  const { code } = artifact;
  const ranges = framedRanges(artifact);
  const info = callFrameInfo(platform.frame, ranges);
  const traps = trapTableBytes(artifact);
  const exported = codeSymbols(artifact, prefix).filter(({ global }) => global);
  // Addresses depend on lengths alone, so tables are made twice: for their lengths, then with the addresses.
  const tablesAt = (text: number, trapTable: number) => {
    const sectionOf = (section: string): number => order.indexOf(section) + 1;
    const symbols = exported.map(({ name: symbol, offset, byteLength }): ElfSymbol => ({ name: symbol, type: 'function', global: true, section: sectionOf('.text'), value: text + offset, byteLength }));
    symbols.push({ name: `${prefix}_traps`, type: 'object', global: true, section: sectionOf('.assay.traps'), value: trapTable, byteLength: traps.length });
    return symbolTable(symbols);
  };
  const order = ['.hash', '.dynsym', '.dynstr', '.eh_frame_hdr', '.eh_frame', '.assay.traps', '.text', '.dynamic'];
  const draft = tablesAt(0, 0);
  // The object's own name goes behind the symbols' names.
  const names = new StringTable();
  for (const symbol of draft.ordered) names.add(symbol.name);
  const soname = names.add(name);
  const strings = names.toBytes();
  const hash = hashTable(draft.ordered);

  let at = fileHeaderBytes + segmentHeaderBytes * mostSegments;
  const place = (byteLength: number, alignment: number): number => {
    const address = roundUp(at, alignment);
    at = address + byteLength;
    return address;
  };
  const addresses = {
    hash: place(hash.length, 8),
    symbols: place(draft.table.length, 8),
    strings: place(strings.length, 1),
    index: place(frameIndexBytes(info.places.length), 8),
    frames: place(info.bytes.length + terminatorBytes, 8),
    traps: place(traps.length, 8),
    readEnd: at,
    text: place(code.length, segmentAlignment),
    dynamic: 0,
  };
  const dynamicEntries: readonly (readonly [number, number])[] = [
    [tags.name, soname], [tags.hash, addresses.hash], [tags.strings, addresses.strings], [tags.symbols, addresses.symbols],
    [tags.stringBytes, strings.length], [tags.symbolBytes, symbolBytes], [tags.end, 0],
  ];
  const dynamic = new ByteWriter();
  for (const [tag, value] of dynamicEntries) {
    dynamic.u64(tag);
    dynamic.u64(value);
  }
  addresses.dynamic = place(dynamic.length, segmentAlignment);

  const { allocate, execute, write } = sectionFlags;
  const sections: Section[] = [
    { name: '.hash', type: sectionTypes.hash, flags: allocate, address: addresses.hash, alignment: 8, bytes: hash, entryBytes: 4, link: '.dynsym' },
    { name: '.dynsym', type: sectionTypes.dynamicSymbols, flags: allocate, address: addresses.symbols, alignment: 8, bytes: tablesAt(addresses.text, addresses.traps).table, entryBytes: symbolBytes, link: '.dynstr', info: 1 },
    { name: '.dynstr', type: sectionTypes.stringTable, flags: allocate, address: addresses.strings, alignment: 1, bytes: strings },
  ];
  const segments: Segment[] = [
    { type: segmentTypes.load, flags: segmentFlags.read, address: 0, byteLength: addresses.readEnd },
    { type: segmentTypes.load, flags: segmentFlags.read | segmentFlags.execute, address: addresses.text, byteLength: code.length },
    { type: segmentTypes.load, flags: segmentFlags.read | segmentFlags.write, address: addresses.dynamic, byteLength: dynamic.length },
    { type: segmentTypes.dynamic, flags: segmentFlags.read | segmentFlags.write, address: addresses.dynamic, byteLength: dynamic.length },
    { type: segmentTypes.gnuStack, flags: segmentFlags.read | segmentFlags.write, address: 0, byteLength: 0 },
  ];
  const frames = new Uint8Array(info.bytes.length + terminatorBytes);
  frames.set(info.bytes);
  const view = new DataView(frames.buffer);
  for (const { offset, code: start } of info.places) view.setInt32(offset, addresses.text + start - (addresses.frames + offset), true);
  const index = frameIndex(info, { index: addresses.index, frames: addresses.frames, code: addresses.text });
  sections.push(
    { name: '.eh_frame_hdr', type: sectionTypes.programBits, flags: allocate, address: addresses.index, alignment: 4, bytes: index },
    { name: '.eh_frame', type: sectionTypes.programBits, flags: allocate, address: addresses.frames, alignment: 8, bytes: frames },
  );
  segments.push({ type: segmentTypes.gnuEhFrame, flags: segmentFlags.read, address: addresses.index, byteLength: index.length });
  sections.push(
    { name: '.assay.traps', type: sectionTypes.programBits, flags: allocate, address: addresses.traps, alignment: 4, bytes: traps },
    { name: '.text', type: sectionTypes.programBits, flags: allocate | execute, address: addresses.text, alignment: 16, bytes: code },
    { name: '.dynamic', type: sectionTypes.dynamic, flags: allocate | write, address: addresses.dynamic, alignment: 8, bytes: dynamic.toBytes(), entryBytes: 16, link: '.dynstr' },
  );
  return writeElf({ kind: 'shared', isa: platform.elf, imageAddress: 0, entry: 0, segments, sections });
}
