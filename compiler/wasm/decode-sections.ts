// The contents of each section, read into a draft of the module (standard, chapters 5.5.3–5.5.16).
// A reader leaves the input where the section's contents stop; `decode.ts` checks that this is the section's end.

import { Unsupported } from '../base/errors.ts';
import { type BinaryReader, malformed } from './binary-reader.ts';
import { readConstantExpression } from './constant-expressions.ts';
import {
  type Body,
  type ConstantExpression,
  type CustomSection,
  type DataSegment,
  type ElementSegment,
  type Export,
  type FunctionType,
  type Global,
  type GlobalType,
  type Import,
  type ImportType,
  type Limits,
  type Module,
  type ReferenceType,
  type SegmentMode,
  type TableType,
  valueTypes,
} from './module.ts';
import { features } from './proposals.ts';
import { readFunctionType, readGlobalType, readMemoryType, readReferenceType, readTableType } from './types-reader.ts';

/** A module while its sections are read. */
export interface Draft {
  readonly types: FunctionType[];
  readonly imports: Import[];
  readonly functions: number[];
  readonly tables: TableType[];
  readonly memories: Limits[];
  readonly globals: GlobalType[];
  readonly definedGlobals: Global[];
  readonly exports: Export[];
  start: Module['start'];
  readonly elements: ElementSegment[];
  readonly data: DataSegment[];
  dataCount: number | undefined;
  readonly bodies: Body[];
  readonly customSections: CustomSection[];
  importedFunctions: number;
  importedTables: number;
  importedMemories: number;
  importedGlobals: number;
  /** Entries of the function section. */
  definedFunctions: number;
}

export function newDraft(): Draft {
  return {
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    definedGlobals: [],
    exports: [],
    start: undefined,
    elements: [],
    data: [],
    dataCount: undefined,
    bodies: [],
    customSections: [],
    importedFunctions: 0,
    importedTables: 0,
    importedMemories: 0,
    importedGlobals: 0,
    definedFunctions: 0,
  };
}

export function readCustomSection(input: BinaryReader, draft: Draft): void {
  const name = input.name();
  draft.customSections.push({ name, start: input.position, end: input.end });
  input.position = input.end;
}

export function readTypeSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) draft.types.push(readFunctionType(input));
}

export function readImportSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) {
    const offset = input.position;
    const module = input.name();
    const name = input.name();
    const type = readImportType(input);
    draft.imports.push({ module, name, type, offset });
    switch (type.kind) {
      case 'function':
        draft.functions.push(type.type);
        draft.importedFunctions++;
        break;
      case 'table':
        draft.tables.push(type.type);
        draft.importedTables++;
        break;
      case 'memory':
        draft.memories.push(type.type);
        draft.importedMemories++;
        break;
      case 'global':
        draft.globals.push(type.type);
        draft.importedGlobals++;
        break;
    }
  }
}

function readImportType(input: BinaryReader): ImportType {
  const offset = input.position;
  switch (input.u8()) {
    case 0:
      return { kind: 'function', type: input.u32() };
    case 1:
      return { kind: 'table', type: readTableType(input) };
    case 2:
      return { kind: 'memory', type: readMemoryType(input) };
    case 3:
      return { kind: 'global', type: readGlobalType(input) };
    case 4:
      throw new Unsupported(features.exceptions, offset);
    default:
      return malformed(offset, 'malformed import kind');
  }
}

export function readFunctionSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) draft.functions.push(input.u32());
  draft.definedFunctions = count;
}

/** In place of a table type: the table has an initialiser. */
const tableWithInitialiser = 0x40;

export function readTableSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) {
    if (input.peek() === tableWithInitialiser) throw new Unsupported(features.functionReferences, input.position);
    draft.tables.push(readTableType(input));
  }
}

export function readMemorySection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) draft.memories.push(readMemoryType(input));
}

export function readGlobalSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) {
    const type = readGlobalType(input);
    const init = readConstantExpression(input);
    draft.globals.push(type);
    draft.definedGlobals.push({ ...type, init });
  }
}

const exportKinds = ['function', 'table', 'memory', 'global'] as const;

export function readExportSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) {
    const offset = input.position;
    const name = input.name();
    const kindOffset = input.position;
    const code = input.u8();
    const kind = exportKinds[code];
    if (kind === undefined) {
      if (code === 4) throw new Unsupported(features.exceptions, kindOffset);
      malformed(kindOffset, 'malformed export kind');
    }
    draft.exports.push({ name, kind, index: input.u32(), offset });
  }
}

export function readStartSection(input: BinaryReader, draft: Draft): void {
  const offset = input.position;
  draft.start = { index: input.u32(), offset };
}

// Flags of an element segment (standard, 5.5.12): bit 0 not active · bit 1 explicit table, or declarative · bit 2 expressions, not indices.
const notActive = 1;
const explicitOrDeclarative = 2;
const expressions = 4;

export function readElementSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  for (let i = 0; i < count; i++) {
    const offset = input.position;
    const flags = input.u32();
    if (flags > 7) malformed(offset, 'malformed elements segment kind');
    const mode = readElementMode(input, flags);
    const hasKind = (flags & (notActive | explicitOrDeclarative)) !== 0;
    const type = hasKind ? readElementKind(input, flags) : valueTypes.funcref;
    const items = (flags & expressions) !== 0 ? readItemExpressions(input) : readItemIndices(input);
    draft.elements.push({ type, items, mode, offset });
  }
}

function readElementMode(input: BinaryReader, flags: number): SegmentMode {
  if ((flags & notActive) !== 0) return { mode: (flags & explicitOrDeclarative) !== 0 ? 'declarative' : 'passive' };
  const target = (flags & explicitOrDeclarative) !== 0 ? input.u32() : 0;
  return { mode: 'active', target, offset: readConstantExpression(input) };
}

function readElementKind(input: BinaryReader, flags: number): ReferenceType {
  if ((flags & expressions) !== 0) return readReferenceType(input);
  const offset = input.position;
  if (input.u8() !== 0) malformed(offset, 'malformed element kind');
  return valueTypes.funcref;
}

function readItemIndices(input: BinaryReader): ElementSegment['items'] {
  const count = input.count();
  const functions = new Uint32Array(count);
  for (let i = 0; i < count; i++) functions[i] = input.u32();
  return { functions };
}

function readItemExpressions(input: BinaryReader): ElementSegment['items'] {
  const count = input.count();
  const list: ConstantExpression[] = [];
  for (let i = 0; i < count; i++) list.push(readConstantExpression(input));
  return { expressions: list };
}

export function readDataCountSection(input: BinaryReader, draft: Draft): void {
  draft.dataCount = input.u32();
}

export function readCodeSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  if (count !== draft.definedFunctions) malformed(input.position, 'function and code section have inconsistent lengths');
  for (let i = 0; i < count; i++) {
    const start = input.skipBytes();
    draft.bodies.push({ start, end: input.position });
  }
}

const passiveData = 1;
const activeDataWithMemory = 2;

export function readDataSection(input: BinaryReader, draft: Draft): void {
  const count = input.count();
  if (draft.dataCount !== undefined && draft.dataCount !== count)
    malformed(input.position, 'data count and data section have inconsistent lengths');
  for (let i = 0; i < count; i++) {
    const offset = input.position;
    const flags = input.u32();
    if (flags > activeDataWithMemory) malformed(offset, 'malformed data segment kind');
    const mode = readDataMode(input, flags);
    const start = input.skipBytes();
    draft.data.push({ start, end: input.position, mode, offset });
  }
}

function readDataMode(input: BinaryReader, flags: number): SegmentMode {
  if (flags === passiveData) return { mode: 'passive' };
  const target = flags === activeDataWithMemory ? input.u32() : 0;
  return { mode: 'active', target, offset: readConstantExpression(input) };
}
