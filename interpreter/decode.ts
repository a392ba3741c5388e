// Bytes to abstract syntax, strictly: whatever the grammar does not derive is malformed, with the offset of the fault.
// Chapter: "Binary Format", section "Modules".
// Method: one reader walks the sections in order, narrowed to each section's extent; code is checked for syntax and kept as bytes.
import { MalformedModule } from './outcome.ts';
import type { Malformed } from './outcome.ts';
import { Reader } from './reader.ts';
import type { CustomSection, DataSegment, ElementSegment, Export, Expression, ExternKind, ExternType, FunctionBody, Global, Import, LocalGroup, Memory, Module, RecGroup, Table, Tag } from './syntax.ts';
import type { SubType, ValueType } from './types.ts';
import { FUNCREF, Heap, refType } from './types.ts';
import { readGlobalType, readLimits, readRefType, readSubType, readTableType, readValueType } from './decode-types.ts';
import { walkExpression } from './decode-code.ts';
import type { CodeFacts } from './decode-code.ts';

/** Section identifiers in the order the grammar demands; customs (0) may stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const externKinds: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];
const MAX_LOCALS = 0xffff_ffff;

class Decoder {
  readonly r: Reader;
  readonly types: SubType[] = [];
  readonly groups: RecGroup[] = [];
  readonly imports: Import[] = [];
  readonly functions: number[] = [];
  readonly tables: Table[] = [];
  readonly memories: Memory[] = [];
  readonly tags: Tag[] = [];
  readonly globals: Global[] = [];
  readonly exports: Export[] = [];
  readonly elements: ElementSegment[] = [];
  readonly datas: DataSegment[] = [];
  readonly bodies: FunctionBody[] = [];
  readonly customs: CustomSection[] = [];
  readonly facts: CodeFacts = { firstDataUse: -1 };
  importedFunctions = 0;
  importedGlobals = 0;
  start: Module['start'];
  dataCount: number | undefined;

  constructor(bytes: Uint8Array) {
    this.r = new Reader(bytes);
  }

  module(): Module {
    const r = this.r;
    this.preamble();
    let reached = -1;
    while (!r.atEnd()) {
      const at = r.pos;
      const id = r.byte();
      const rank = sectionOrder.indexOf(id);
      if (id !== 0 && rank < 0) r.fail('malformed section id', at);
      const size = r.u32();
      if (size > r.end - r.pos) r.fail('length out of bounds');
      const fileEnd = r.end;
      r.end = r.pos + size;
      if (id === 0) {
        const name = r.name();
        this.customs.push({ name, start: r.pos, end: r.end });
        r.pos = r.end;
      } else {
        if (rank <= reached) r.fail('unexpected content after last section', at);
        reached = rank;
        this.section(id);
        if (r.pos !== r.end) r.fail('section size mismatch');
      }
      r.end = fileEnd;
    }
    return this.finish();
  }

  private preamble(): void {
    const r = this.r;
    const magic = [0x00, 0x61, 0x73, 0x6d];
    const version = [0x01, 0x00, 0x00, 0x00];
    for (const [expected, message] of [[magic, 'magic header not detected'], [version, 'unknown binary version']] as const) {
      const at = r.pos;
      if (r.end - at < 4) r.fail('unexpected end', r.end);
      for (const byte of expected) if (r.byte() !== byte) r.fail(message, at);
    }
  }

  private section(id: number): void {
    const r = this.r;
    switch (id) {
      case 1: this.each(() => this.recType()); break;
      case 2: this.each(() => this.import()); break;
      case 3: this.each(() => this.functions.push(r.u32())); break;
      case 4: this.each(() => this.table()); break;
      case 5: this.each(() => {
        const offset = r.pos;
        this.memories.push({ limits: readLimits(r, true), offset });
      }); break;
      case 13: this.each(() => this.tags.push(this.tag())); break;
      case 6: this.each(() => {
        const offset = r.pos;
        this.globals.push({ type: readGlobalType(r), initial: walkExpression(r, this.facts), offset });
      }); break;
      case 7: this.each(() => this.export()); break;
      case 8: this.start = { offset: r.pos, func: r.u32() }; break;
      case 9: this.each(() => this.elements.push(this.elementSegment())); break;
      case 12: this.dataCount = r.u32(); break;
      case 10: this.code(); break;
      case 11: this.each(() => this.datas.push(this.dataSegment())); break;
    }
  }

  private each(element: () => void): void {
    for (let count = this.r.length(); count > 0; count--) element();
  }

  private recType(): void {
    const r = this.r;
    const first = this.types.length;
    if (r.peek() === 0x4e) {
      r.byte();
      this.each(() => this.types.push(readSubType(r)));
    } else this.types.push(readSubType(r));
    this.groups.push({ first, count: this.types.length - first });
  }

  private import(): void {
    const r = this.r;
    const offset = r.pos;
    const module = r.name();
    const name = r.name();
    const at = r.pos;
    const kind = r.byte();
    let type: ExternType;
    switch (kind) {
      case 0: {
        const typeIndex = r.u32();
        type = { kind: 'func', typeIndex };
        this.functions.push(typeIndex);
        this.importedFunctions++;
        break;
      }
      case 1: {
        type = { kind: 'table', type: readTableType(r) };
        this.tables.push({ type: type.type, initial: undefined, offset: at });
        break;
      }
      case 2: {
        type = { kind: 'memory', limits: readLimits(r, true) };
        this.memories.push({ limits: type.limits, offset: at });
        break;
      }
      case 3: {
        type = { kind: 'global', type: readGlobalType(r) };
        this.globals.push({ type: type.type, initial: undefined, offset: at });
        this.importedGlobals++;
        break;
      }
      case 4: {
        const tag = this.tag();
        type = { kind: 'tag', typeIndex: tag.typeIndex };
        this.tags.push(tag);
        break;
      }
      default: throw new MalformedModule(at, 'malformed import kind');
    }
    this.imports.push({ module, name, type, offset });
  }

  private tag(): Tag {
    const r = this.r;
    const offset = r.pos;
    if (r.byte() !== 0) r.fail('malformed tag attribute', offset);
    return { typeIndex: r.u32(), offset };
  }

  private table(): void {
    const r = this.r;
    const offset = r.pos;
    if (r.peek() !== 0x40) {
      this.tables.push({ type: readTableType(r), initial: undefined, offset });
      return;
    }
    r.byte();
    if (r.byte() !== 0) r.fail('zero byte expected', r.pos - 1);
    this.tables.push({ type: readTableType(r), initial: walkExpression(r, this.facts), offset });
  }

  private export(): void {
    const r = this.r;
    const offset = r.pos;
    const name = r.name();
    const at = r.pos;
    const kind = externKinds[r.byte()] ?? r.fail('malformed export kind', at);
    this.exports.push({ name, kind, index: r.u32(), offset });
  }

  /** Flags: bit 0 passive or declarative; bit 1 explicit table index, or declarative; bit 2 expressions instead of function indices. */
  private elementSegment(): ElementSegment {
    const r = this.r;
    const offset = r.pos;
    const flags = r.u32();
    if (flags > 7) r.fail('malformed elements segment kind', offset);
    const mode = (flags & 1) === 0 ? 'active' : (flags & 2) === 0 ? 'passive' : 'declarative';
    let table = 0;
    let at: Expression | undefined;
    if (mode === 'active') {
      if ((flags & 2) !== 0) table = r.u32();
      at = walkExpression(r, this.facts);
    }
    const byExpression = (flags & 4) !== 0;
    let type: ValueType = byExpression ? FUNCREF : refType(false, Heap.func);
    if ((flags & 3) !== 0) {
      if (byExpression) type = readRefType(r);
      else if (r.byte() !== 0) r.fail('malformed element kind', r.pos - 1);
    }
    if (byExpression) {
      const expressions: Expression[] = [];
      this.each(() => expressions.push(walkExpression(r, this.facts)));
      return { mode, table, at, type, functions: undefined, expressions, offset };
    }
    const functions: number[] = [];
    this.each(() => functions.push(r.u32()));
    return { mode, table, at, type, functions, expressions: undefined, offset };
  }

  private dataSegment(): DataSegment {
    const r = this.r;
    const offset = r.pos;
    const flags = r.u32();
    if (flags > 2) r.fail('malformed data segment kind', offset);
    const memory = flags === 2 ? r.u32() : 0;
    const at = flags === 1 ? undefined : walkExpression(r, this.facts);
    return { mode: flags === 1 ? 'passive' : 'active', memory, at, ...r.byteVector(), offset };
  }

  private code(): void {
    const r = this.r;
    const declared = this.functions.length - this.importedFunctions;
    const at = r.pos;
    const count = r.u32();
    if (count !== declared) r.fail('function and code section have inconsistent lengths', at);
    const sectionEnd = r.end;
    for (let i = 0; i < count; i++) {
      const offset = r.pos;
      const size = r.u32();
      if (size > sectionEnd - r.pos) r.fail('length out of bounds');
      r.end = r.pos + size;
      const locals = this.locals();
      const code = walkExpression(r, this.facts);
      if (r.pos !== r.end) r.fail('END opcode expected');
      r.end = sectionEnd;
      this.bodies.push({ typeIndex: this.functions[this.importedFunctions + i] ?? 0, locals, code, offset });
    }
  }

  private locals(): LocalGroup[] {
    const r = this.r;
    const groups: LocalGroup[] = [];
    let total = 0;
    this.each(() => {
      const at = r.pos;
      const count = r.u32();
      total += count;
      if (total > MAX_LOCALS) r.fail('too many locals', at);
      groups.push({ count, type: readValueType(r) });
    });
    return groups;
  }

  private finish(): Module {
    const { r, dataCount, facts } = this;
    if (this.bodies.length !== this.functions.length - this.importedFunctions) r.fail('function and code section have inconsistent lengths');
    if (dataCount !== undefined && dataCount !== this.datas.length) r.fail('data count and data section have inconsistent lengths');
    if (dataCount === undefined && facts.firstDataUse >= 0) r.fail('data count section required', facts.firstDataUse);
    return {
      kind: 'module', bytes: r.bytes,
      types: this.types, groups: this.groups, imports: this.imports,
      functions: this.functions, importedFunctions: this.importedFunctions, importedGlobals: this.importedGlobals,
      tables: this.tables, memories: this.memories, tags: this.tags, globals: this.globals, exports: this.exports,
      start: this.start, elements: this.elements, dataCount, datas: this.datas, bodies: this.bodies, customs: this.customs,
    };
  }
}

/** Decodes a binary module. The module keeps a reference to `bytes`, which must not change afterwards. */
export function decodeModule(bytes: Uint8Array): Module | Malformed {
  try {
    return new Decoder(bytes).module();
  } catch (error) {
    if (error instanceof MalformedModule) return { kind: 'malformed', offset: error.offset, message: error.message };
    throw error;
  }
}
