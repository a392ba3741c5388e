// Relocatable objects from artifacts: what a linker puts into a program. Calls within the module are resolved already, so the only relocations are
// those of the call-frame information, which names code in another section.

import { bug } from '../base/errors.ts';
import type { Artifact } from '../contract/artifact.ts';
import type { Platform } from '../contract/platform.ts';
import { ByteWriter } from './bytes.ts';
import { callFrameInfo } from './call-frame-info.ts';
import { sectionFlags, sectionTypes, type Section, writeElf } from './elf.ts';
import { codeSymbols, framedRanges, trapTableBytes } from './module-parts.ts';
import { type ElfSymbol, symbolBytes, symbolTable } from './symbols.ts';

const relocationBytes = 24;
const textSection = 1;
const trapSection = 2;

/** An object file for the artifact's platform; global symbols begin with `prefix` and an underscore. */
export function writeRelocatable(artifact: Artifact, platform: Platform, prefix = 'wasm'): Uint8Array {
  const sectionSymbol: ElfSymbol = { name: '', type: 'section', global: false, section: textSection, value: 0, byteLength: 0 };
  const traps = trapTableBytes(artifact);
  const symbols = symbolTable([
    sectionSymbol,
    ...codeSymbols(artifact, prefix).map(({ name, global, offset, byteLength }): ElfSymbol => ({ name, type: 'function', global, section: textSection, value: offset, byteLength })),
    { name: `${prefix}_traps`, type: 'object', global: true, section: trapSection, value: 0, byteLength: traps.length },
  ]);
  const sections: Section[] = [
    { name: '.text', type: sectionTypes.programBits, flags: sectionFlags.allocate | sectionFlags.execute, address: 0, alignment: 16, bytes: artifact.code },
    { name: '.assay.traps', type: sectionTypes.programBits, flags: sectionFlags.allocate, address: 0, alignment: 4, bytes: traps },
  ];
  const info = callFrameInfo(platform.frame, framedRanges(artifact));
  const relocations = new ByteWriter();
  const text = symbols.ordered.indexOf(sectionSymbol) + 1;
  if (text === 0) bug('the symbol table lost its section symbol');
  for (const { offset, code } of info.places) {
    relocations.u64(offset);
    relocations.u32(platform.elf.relative32);
    relocations.u32(text);
    relocations.u64(code);
  }
  sections.push(
    { name: '.eh_frame', type: sectionTypes.programBits, flags: sectionFlags.allocate, address: 0, alignment: 8, bytes: info.bytes },
    { name: '.rela.eh_frame', type: sectionTypes.relocations, flags: sectionFlags.infoLink, address: 0, alignment: 8, bytes: relocations.toBytes(), entryBytes: relocationBytes, link: '.symtab', info: '.eh_frame' },
    // Its absence would ask for an executable stack.
    { name: '.note.GNU-stack', type: sectionTypes.programBits, flags: sectionFlags.none, address: 0, alignment: 1, bytes: new Uint8Array(0) },
    { name: '.symtab', type: sectionTypes.symbolTable, flags: 0, address: 0, alignment: 8, bytes: symbols.table, entryBytes: symbolBytes, link: '.strtab', info: symbols.firstGlobal },
    { name: '.strtab', type: sectionTypes.stringTable, flags: 0, address: 0, alignment: 1, bytes: symbols.strings },
  );
  return writeElf({ kind: 'relocatable', isa: platform.elf, imageAddress: 0, entry: 0, segments: [], sections });
}
