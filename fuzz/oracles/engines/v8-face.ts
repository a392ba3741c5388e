// The JavaScript face of an instance: one small module through which everything it exports is called and read in crossing forms (`v8-adapters.ts`).
// Compiling and instantiating are the greater part of what V8 spends on a small module, so there is one face for all exports and not one for each.
//
// The face's types begin with the observed module's own, index for index, so that types which only that module can name stay the same types. It imports
// what needs a crossing, and first of all `r`, which throws the exception that is being looked at, when there are tags.

import { ByteWriter, moduleHeader, sectionIds, vectorSection } from '../../generate/writer.ts';
import type { ExternKind, TypeText } from '../engine.ts';
import type { InterfaceTable, ModuleInterface } from '../module-interface.ts';
import { allFromBits, asFunction, bitTypesOf, cachedModule, type Crossing, encodeType, groupsOf, needsBits, needsLift, popInto, toBits } from './v8-adapters.ts';

type TypeBytes = readonly number[];

interface FaceFunction {
  /** The kind and name of the export it stands for. */
  readonly key: string;
  readonly type: number;
  readonly locals: readonly TypeBytes[];
  readonly code: readonly number[];
}

const kindCodes = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const satisfies Record<ExternKind, number>;

function leb(value: number): number[] {
  const out = new ByteWriter();
  out.u32(value);
  return [...out.view()];
}

function writeBytes(out: ByteWriter, bytes: readonly number[]): void {
  for (const byte of bytes) out.u8(byte);
}

function writeList(out: ByteWriter, list: readonly TypeBytes[]): void {
  out.u32(list.length);
  for (const type of list) writeBytes(out, type);
}

/** A face while it is put together. */
class FaceWriter {
  readonly functions: FaceFunction[] = [];
  /** Names of the exports behind the imports, in order; undefined for `r`. */
  readonly imported: (string | undefined)[] = [];
  private readonly shape: ModuleInterface;
  private readonly signatures = new ByteWriter();
  private signatureCount = 0;
  private readonly imports: TypeBytes[] = [];
  private readonly counts: Record<ExternKind, number> = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };

  constructor(shape: ModuleInterface) {
    this.shape = shape;
  }

  /** A new type; answers its index. */
  signature(params: readonly TypeBytes[], results: readonly TypeBytes[]): number {
    this.signatures.u8(0x60);
    writeList(this.signatures, params);
    writeList(this.signatures, results);
    return this.shape.typeCount + this.signatureCount++;
  }

  /** An import of the face; answers its index. */
  import(name: string | undefined, kind: ExternKind, type: TypeBytes): number {
    this.imported.push(name);
    this.imports.push([kindCodes[kind], ...type]);
    return this.counts[kind]++;
  }

  /** A function without or with parameters in crossing forms, that leaves `results` on the stack and answers their crossing forms. */
  function(key: string, params: readonly TypeText[], results: readonly TypeText[], code: readonly number[]): void {
    const bits = bitTypesOf(params);
    const convert = results.flatMap((result, i) => toBits(result, bits.length + i));
    this.functions.push({
      key, type: this.signature(bits, bitTypesOf(results)), locals: results.map(encodeType), code: [...code, ...popInto(results, bits.length), ...convert, 0x0b],
    });
  }

  /** The finished bytes. */
  bytes(): Uint8Array {
    const out = new ByteWriter();
    moduleHeader(out);
    this.writeTypes(out);
    vectorSection(out, sectionIds.import, this.imports, (description, section) => {
      section.name('m');
      section.name(String(this.imports.indexOf(description)));
      writeBytes(section, description);
    });
    vectorSection(out, sectionIds.function, this.functions, ({ type }, section) => section.u32(type));
    vectorSection(out, sectionIds.export, this.functions, (entry, section) => {
      const index = this.functions.indexOf(entry);
      section.name(String(index));
      section.u8(0);
      section.u32(this.counts.function + index);
    });
    vectorSection(out, sectionIds.code, this.functions, ({ locals, code }, section) => {
      const body = new ByteWriter();
      writeList(body, locals.map((type) => [1, ...type]));
      writeBytes(body, code);
      section.sized(body.view());
    });
    return out.copy();
  }

  /** The module's own types, then those of the face. */
  private writeTypes(out: ByteWriter): void {
    const { typeSection } = this.shape;
    const { groups, at } = groupsOf(typeSection);
    const section = new ByteWriter();
    section.u32(groups + this.signatureCount);
    section.bytes(typeSection.subarray(at));
    section.bytes(this.signatures.view());
    out.u8(sectionIds.type);
    out.sized(section.view());
  }
}

function addFunction(face: FaceWriter, shape: ModuleInterface, name: string, at: number): void {
  const type = shape.types[at];
  // Others have an adapter that all modules share.
  if (type === undefined || type.simple || !needsLift(type)) return;
  face.function(`function ${name}`, type.params, type.results, [...allFromBits(type.params, 0), 0x10, ...leb(face.import(name, 'function', leb(at)))]);
}

/** Answers what an exception with the tag carries: block: try_table (catch tag 0): call r; end; unreachable; end. */
function addTag(face: FaceWriter, shape: ModuleInterface, name: string, at: number): void {
  const params = shape.types[at]?.params ?? [];
  const tag = leb(face.import(name, 'tag', [0, ...leb(at)]));
  const block = leb(face.signature([], params.map(encodeType)));
  face.function(`tag ${name}`, [], params, [0x02, ...block, 0x1f, 0x40, 1, 0x00, ...tag, 0, 0x10, 0, 0x0b, 0x00, 0x0b]);
}

function faceOf(shape: ModuleInterface): FaceWriter {
  const face = new FaceWriter(shape);
  if (shape.exports.some(({ kind }) => kind === 'tag')) face.import(undefined, 'function', leb(face.signature([], [])));
  for (const { name, kind, index } of shape.exports) {
    if (kind === 'function') addFunction(face, shape, name, shape.functions[index] ?? -1);
    else if (kind === 'tag') addTag(face, shape, name, shape.tags[index] ?? -1);
    else if (kind === 'global') {
      const global = shape.globals[index];
      if (global === undefined || !needsBits(global.type)) continue;
      face.function(`global ${name}`, [], [global.type], [0x23, ...leb(face.import(name, 'global', [...encodeType(global.type), global.mutable ? 1 : 0]))]);
    }
  }
  for (const { name, kind, index } of shape.exports) {
    const table = kind === 'table' ? shape.tables[index] : undefined;
    if (table !== undefined && needsBits(table.element)) addTable(face, name, table);
  }
  return face;
}

/** Answers the element at an index. The import asks for no size. */
function addTable(face: FaceWriter, name: string, { element, index }: InterfaceTable): void {
  const isWide = index === 'i64';
  const table = leb(face.import(name, 'table', [...encodeType(element), isWide ? 4 : 0, 0]));
  face.function(`table ${name}`, ['i32'], [element], [0x20, 0, ...(isWide ? [0xad] : []), 0x25, ...table]);
}

export class Face {
  private readonly crossings = new Map<string, Crossing>();
  private thrown: unknown = undefined;

  /** `native` is what the instance of a module with this shape exports. */
  constructor(shape: ModuleInterface, native: WebAssembly.Instance['exports']) {
    const face = faceOf(shape);
    const bytes = face.bytes();
    const module = cachedModule(Buffer.from(bytes).toString('latin1'), () => new WebAssembly.Module(bytes));
    const rethrow = (): never => {
      throw this.thrown;
    };
    const m = Object.fromEntries(face.imported.map((name, index) => [String(index), name === undefined ? rethrow : native[name]]));
    const { exports } = new WebAssembly.Instance(module, { m });
    face.functions.forEach(({ key }, index) => this.crossings.set(key, asFunction(exports[String(index)])));
  }

  /** An exported function that takes and answers crossing forms; undefined where it needs no face. */
  maybeFunction(name: string): Crossing | undefined {
    return this.crossings.get(`function ${name}`);
  }

  /** The crossing form of an exported global that needs it. */
  global(name: string): unknown {
    return this.crossings.get(`global ${name}`)?.();
  }

  /** The crossing form of an element of an exported table that needs it. */
  element(name: string, index: number): unknown {
    return this.crossings.get(`table ${name}`)?.(index);
  }

  /** Crossing forms of what an exception with an exported tag carries. */
  payload(name: string, exception: unknown): unknown {
    this.thrown = exception;
    try {
      return this.crossings.get(`tag ${name}`)?.();
    } finally {
      this.thrown = undefined;
    }
  }
}
