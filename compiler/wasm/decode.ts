// Decodes a module: magic, sections in their order, the contents of each (standard, chapter 5.5 "Modules"). Strict in everything the
// standard demands of bytes; custom sections are only located. Bodies are left as ranges, to be decoded when they are validated.
// Leaves: a `Module` whose indices and types nobody has checked yet; see validate.ts.

import { Unsupported } from '../base/errors.ts';
import { BitSet } from '../base/bit-set.ts';
import { BinaryReader, malformed } from './binary-reader.ts';
import {
  type Draft,
  newDraft,
  readCodeSection,
  readCustomSection,
  readDataCountSection,
  readDataSection,
  readElementSection,
  readExportSection,
  readFunctionSection,
  readGlobalSection,
  readImportSection,
  readMemorySection,
  readStartSection,
  readTableSection,
  readTypeSection,
} from './decode-sections.ts';
import type { ConstantExpression, Module } from './module.ts';
import { features } from './proposals.ts';

interface SectionRow {
  readonly id: number;
  readonly read: (input: BinaryReader, draft: Draft) => void;
}

/** Non-custom sections in the order in which they must stand. */
const sectionOrder: readonly SectionRow[] = [
  { id: 1, read: readTypeSection },
  { id: 2, read: readImportSection },
  { id: 3, read: readFunctionSection },
  { id: 4, read: readTableSection },
  { id: 5, read: readMemorySection },
  { id: 6, read: readGlobalSection },
  { id: 7, read: readExportSection },
  { id: 8, read: readStartSection },
  { id: 9, read: readElementSection },
  { id: 12, read: readDataCountSection },
  { id: 10, read: readCodeSection },
  { id: 11, read: readDataSection },
];
const customSection = 0;
const tagSection = 13;

const magic = [0x00, 0x61, 0x73, 0x6d];
const version = [0x01, 0x00, 0x00, 0x00];
const componentVersion = [0x0d, 0x00, 0x01, 0x00];

/** Decodes `bytes`, which must not change as long as the module is used; throws `InvalidModule` or `Unsupported`. */
export function decodeModule(bytes: Uint8Array): Module {
  const startsWith = (expected: readonly number[], at: number): boolean => expected.every((byte, i) => bytes[at + i] === byte);
  if (!startsWith(magic, 0)) malformed(0, bytes.length < 4 ? 'unexpected end' : 'magic header not detected');
  if (!startsWith(version, 4)) {
    if (startsWith(componentVersion, 4)) throw new Unsupported(features.components, 4);
    malformed(4, bytes.length < 8 ? 'unexpected end' : 'unknown binary version');
  }
  const draft = newDraft();
  readSections(new BinaryReader(bytes, 8, bytes.length), draft);
  if (draft.definedFunctions !== draft.bodies.length)
    malformed(bytes.length, 'function and code section have inconsistent lengths');
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length)
    malformed(bytes.length, 'data count and data section have inconsistent lengths');
  return { bytes, ...draft, declaredFunctions: declaredFunctionsOf(draft) };
}

function readSections(input: BinaryReader, draft: Draft): void {
  const moduleEnd = input.end;
  let place = 0;
  while (input.position < moduleEnd) {
    const offset = input.position;
    const id = input.u8();
    const row = sectionOrder.findIndex((section) => section.id === id);
    if (row < 0 && id !== customSection && id !== tagSection) malformed(offset, 'malformed section id');
    const size = input.u32();
    if (size > moduleEnd - input.position) malformed(input.position, 'length out of bounds');
    if (id === tagSection) throw new Unsupported(features.exceptions, offset);
    const sectionEnd = input.position + size;
    input.end = sectionEnd;
    if (id === customSection) readCustomSection(input, draft);
    else {
      if (row < place) malformed(offset, 'unexpected content after last section');
      place = row + 1;
      (sectionOrder[row] as SectionRow).read(input, draft);
      if (input.position !== sectionEnd) malformed(input.position, 'section size mismatch');
    }
    input.end = moduleEnd;
  }
}

/** Functions named by exports, element segments and global initialisers. */
function declaredFunctionsOf(draft: Draft): BitSet {
  const declared = new BitSet(draft.functions.length);
  const add = (index: number): void => {
    if (index < declared.size) declared.add(index);
  };
  const addAll = (expression: ConstantExpression): void => {
    for (const step of expression.steps) if (step.op === 'ref.func') add(step.index);
  };
  for (const entry of draft.exports) if (entry.kind === 'function') add(entry.index);
  for (const global of draft.definedGlobals) addAll(global.init);
  for (const segment of draft.elements) {
    if ('functions' in segment.items) segment.items.functions.forEach(add);
    else segment.items.expressions.forEach(addAll);
  }
  return declared;
}
