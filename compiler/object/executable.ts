// Static executables: one segment of code at a fixed address, and symbols for debuggers. What such a program needs beyond its code it asks the kernel for.

import type { ElfFacts } from '../contract/platform.ts';
import { fileHeaderBytes, sectionFlags, sectionTypes, segmentFlags, segmentHeaderBytes, segmentTypes, writeElf } from './elf.ts';
import { symbolBytes, symbolTable } from './symbols.ts';

const imageAddress = 0x400000;
const codeOffset = Math.ceil((fileHeaderBytes + 2 * segmentHeaderBytes) / 64) * 64;

/** Address of the first byte of code. */
export const executableCodeAddress = imageAddress + codeOffset;

/** An executable from position-independent code; `labels` are byte offsets in it, execution begins at `entry`. */
export function writeExecutable(isa: ElfFacts, code: Uint8Array, labels: ReadonlyMap<string, number>, entry: string): Uint8Array {
  const address = executableCodeAddress;
  const symbols = symbolTable([...labels].map(([name, offset]) => ({ name, type: 'function', global: name === entry, section: 1, value: address + offset, byteLength: 0 })));
  return writeElf({
    kind: 'executable',
    isa,
    imageAddress,
    entry: address + (labels.get(entry) ?? 0),
    segments: [
      { type: segmentTypes.load, flags: segmentFlags.read | segmentFlags.execute, address: imageAddress, byteLength: codeOffset + code.length },
      { type: segmentTypes.gnuStack, flags: segmentFlags.read | segmentFlags.write, address: 0, byteLength: 0 },
    ],
    sections: [
      { name: '.text', type: sectionTypes.programBits, flags: sectionFlags.allocate | sectionFlags.execute, address, alignment: 16, bytes: code },
      { name: '.symtab', type: sectionTypes.symbolTable, flags: 0, address: 0, alignment: 8, bytes: symbols.table, entryBytes: symbolBytes, link: '.strtab', info: symbols.firstGlobal },
      { name: '.strtab', type: sectionTypes.stringTable, flags: 0, address: 0, alignment: 1, bytes: symbols.strings },
    ],
  });
}
