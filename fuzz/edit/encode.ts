// The editable form of a module to its bytes. Identities become indices here, by the order of the lists; a reference to what is not there any more is
// refused by name, and costs a reducer nothing but that candidate.
//
// Encoded bodies are kept by function and by a stamp of the index spaces, so that a candidate that changes one function encodes one function.

import { ByteWriter, moduleHeader, sectionIds, vectorSection } from '../generate/writer.ts';
import { type Argument, type Code, type Instruction, type Row, references, type Space } from './instructions.ts';
import { type EditModule, type FunctionEntity, type ImportedFrom, type Limits, listOf, type SubType } from './module.ts';

/** Something refers to an entity that is not in the module. */
export class DanglingReference extends Error {
  override readonly name = 'DanglingReference';
}

const typeCodes: Readonly<Record<string, number>> = {
  i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, i8: 0x78, i16: 0x77, exnref: 0x69, arrayref: 0x6a, structref: 0x6b, i31ref: 0x6c, eqref: 0x6d, anyref: 0x6e,
  externref: 0x6f, funcref: 0x70, nullref: 0x71, nullexternref: 0x72, nullfuncref: 0x73, nullexnref: 0x74,
};

const heapCodes: Readonly<Record<string, number>> = { exn: 0x69, array: 0x6a, struct: 0x6b, i31: 0x6c, eq: 0x6d, any: 0x6e, extern: 0x6f, func: 0x70, none: 0x71, noextern: 0x72, nofunc: 0x73, noexn: 0x74 };

type Indices = Readonly<Record<Space, ReadonlyMap<number, number>>>;

function indicesOf(m: EditModule): Indices {
  const index = (list: readonly { readonly id: number }[]): Map<number, number> => new Map(list.map(({ id }, place) => [id, place]));
  return {
    type: index(m.types.flat()), function: index(m.functions), table: index(m.tables), memory: index(m.memories), global: index(m.globals), tag: index(m.tags), element: index(m.elements), data: index(m.datas),
  };
}

function writeU64(out: ByteWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) out.u8(Number(rest & 0x7fn) | 0x80);
  out.u8(Number(rest));
}

class Encoder {
  private readonly indices: Indices;

  constructor(indices: Indices) {
    this.indices = indices;
  }

  at(space: Space, id: number): number {
    const index = this.indices[space].get(id);
    if (index === undefined) throw new DanglingReference(`edit: ${space} ${id} is not there`);
    return index;
  }

  private s33(out: ByteWriter, value: number): void {
    out.s64(value | 0, value < 0 ? -1 : 0);
  }

  heapType(out: ByteWriter, text: string): void {
    const code = heapCodes[text];
    if (code !== undefined) out.u8(code);
    else this.s33(out, this.at('type', Number(text.slice(1))));
  }

  type(out: ByteWriter, text: string): void {
    const code = typeCodes[text];
    if (code !== undefined) {
      out.u8(code);
      return;
    }
    const isNullable = text.startsWith('(ref null ');
    out.u8(isNullable ? 0x63 : 0x64);
    this.heapType(out, text.slice(isNullable ? 10 : 5, -1));
  }

  types(out: ByteWriter, list: readonly string[]): void {
    out.u32(list.length);
    for (const type of list) this.type(out, type);
  }

  private blockType(out: ByteWriter, text: string): void {
    if (text === '') out.u8(0x40);
    else if (text.startsWith('$')) this.s33(out, this.at('type', Number(text.slice(1))));
    else this.type(out, text);
  }

  limits(out: ByteWriter, { minimum, maximum, wide, shared }: Limits): void {
    out.u8((maximum === undefined ? 0 : 1) | (shared ? 2 : 0) | (wide ? 4 : 0));
    writeU64(out, minimum);
    if (maximum !== undefined) writeU64(out, maximum);
  }

  private memoryArgument(out: ByteWriter, args: readonly Argument[]): void {
    const memory = this.at('memory', Number(args[2]));
    out.u32(Number(args[0]) | (memory === 0 ? 0 : 0x40));
    if (memory !== 0) out.u32(memory);
    writeU64(out, BigInt(args[1] ?? 0n));
  }

  private args(out: ByteWriter, row: Row, args: readonly Argument[]): void {
    const [first = 0] = args;
    switch (row.immediate) {
      case 'none': return;
      case 'block': return this.blockType(out, String(first));
      case 'tryTable':
        this.blockType(out, String(first));
        out.u32((args.length - 1) / 3);
        for (let place = 1; place < args.length; place += 3) {
          const kind = Number(args[place]);
          out.u8(kind);
          if (kind < 2) out.u32(this.at('tag', Number(args[place + 1])));
          out.u32(Number(args[place + 2]));
        }
        return;
      case 'labels':
        out.u32(args.length - 1);
        for (const label of args) out.u32(Number(label));
        return;
      case 'memarg': return this.memoryArgument(out, args);
      case 'memargLane':
        this.memoryArgument(out, args);
        return out.u8(Number(args[3]));
      case 'lane': case 'zero': return out.u8(Number(first));
      case 'i32': return out.s32(Number(first));
      case 'i64': {
        const value = BigInt(first);
        return out.s64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
      }
      case 'f32': return out.fixed32(Number(first));
      case 'f64': {
        const bits = BigInt(first);
        out.fixed32(Number(BigInt.asIntN(32, bits)));
        return out.fixed32(Number(BigInt.asIntN(32, bits >> 32n)));
      }
      case 'v128': case 'shuffle':
        for (const byte of args) out.u8(Number(byte));
        return;
      case 'selectTypes': return this.types(out, args.map(String));
      case 'heap': return this.heapType(out, String(first));
      case 'cast':
        out.u8(Number(first));
        out.u32(Number(args[1]));
        this.heapType(out, String(args[2]));
        return this.heapType(out, String(args[3]));
      default: {
        const spaces = references[row.immediate];
        args.forEach((arg, place) => {
          const space = spaces[place];
          out.u32(space === undefined ? Number(arg) : this.at(space, Number(arg)));
        });
      }
    }
  }

  private instruction(out: ByteWriter, { row, args, body, otherwise }: Instruction): void {
    if (row.opcode < 0x100) out.u8(row.opcode);
    else {
      out.u8(row.opcode >> 12);
      out.u32(row.opcode & 0xfff);
    }
    this.args(out, row, args);
    if (body === undefined) return;
    for (const one of body) this.instruction(out, one);
    if (otherwise !== undefined) {
      out.u8(0x05);
      for (const one of otherwise) this.instruction(out, one);
    }
    out.u8(0x0b);
  }

  expression(out: ByteWriter, code: Code): void {
    for (const one of code) this.instruction(out, one);
    out.u8(0x0b);
  }

  body({ locals, body }: FunctionEntity): Uint8Array {
    const out = new ByteWriter();
    const runs: { count: number; type: string }[] = [];
    for (const type of locals) {
      const last = runs.at(-1);
      if (last !== undefined && last.type === type) last.count++;
      else runs.push({ count: 1, type });
    }
    out.u32(runs.length);
    for (const { count, type } of runs) {
      out.u32(count);
      this.type(out, type);
    }
    this.expression(out, body);
    return out.copy();
  }

  subType(out: ByteWriter, { final, supertypes, composite }: SubType): void {
    if (!final || supertypes.length > 0) {
      out.u8(final ? 0x4f : 0x50);
      out.u32(supertypes.length);
      for (const id of supertypes) out.u32(this.at('type', id));
    }
    const field = ({ type, mutable }: { readonly type: string; readonly mutable: boolean }): void => {
      this.type(out, type);
      out.u8(mutable ? 1 : 0);
    };
    switch (composite.kind) {
      case 'function':
        out.u8(0x60);
        this.types(out, composite.params);
        return this.types(out, composite.results);
      case 'struct':
        out.u8(0x5f);
        out.u32(composite.fields.length);
        return composite.fields.forEach(field);
      case 'array':
        out.u8(0x5e);
        return field(composite.element);
    }
  }
}

const utf8 = new TextEncoder();

function writeName(out: ByteWriter, text: string): void {
  out.sized(utf8.encode(text));
}

const externCodes = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** A description of all index spaces: bodies encoded under the same one are the same. */
function stampOf(m: EditModule): string {
  return [m.types.flat(), m.functions, m.tables, m.memories, m.globals, m.tags, m.elements, m.datas].map((list) => list.map(({ id }) => id).join(' ')).join('|');
}

const encodedBodies = new WeakMap<FunctionEntity, { readonly stamp: string; readonly bytes: Uint8Array }>();

function namesData({ row }: Instruction): boolean {
  return row.immediate === 'data' || row.immediate === 'dataMemory' || row.immediate === 'typeData';
}

function mentionsData(code: Code): boolean {
  return code.some((one) => namesData(one) || (one.body !== undefined && mentionsData(one.body)) || (one.otherwise !== undefined && mentionsData(one.otherwise)));
}

/** Encodes a module; throws `DanglingReference` when something refers to what is not there. */
export function encodeEdited(m: EditModule): Uint8Array {
  const encoder = new Encoder(indicesOf(m));
  const out = new ByteWriter();
  moduleHeader(out);
  vectorSection(out, sectionIds.type, m.types, (group, section) => {
    const [only] = group;
    if (group.length !== 1 || only === undefined) {
      section.u8(0x4e);
      section.u32(group.length);
      for (const type of group) encoder.subType(section, type);
    } else encoder.subType(section, only);
  });
  writeImports(out, m, encoder);
  const own = m.functions.filter(({ from }) => from === undefined);
  vectorSection(out, sectionIds.function, own, ({ type }, section) => section.u32(encoder.at('type', type)));
  vectorSection(out, sectionIds.table, m.tables.filter(({ from }) => from === undefined), ({ element, limits, initial }, section) => {
    if (initial !== undefined) {
      section.u8(0x40);
      section.u8(0x00);
    }
    encoder.type(section, element);
    encoder.limits(section, limits);
    if (initial !== undefined) encoder.expression(section, initial);
  });
  vectorSection(out, sectionIds.memory, m.memories.filter(({ from }) => from === undefined), ({ limits }, section) => encoder.limits(section, limits));
  vectorSection(out, sectionIds.tag, m.tags.filter(({ from }) => from === undefined), ({ type }, section) => {
    section.u8(0);
    section.u32(encoder.at('type', type));
  });
  vectorSection(out, sectionIds.global, m.globals.filter(({ from }) => from === undefined), ({ type, mutable, initial }, section) => {
    encoder.type(section, type);
    section.u8(mutable ? 1 : 0);
    encoder.expression(section, initial);
  });
  vectorSection(out, sectionIds.export, m.exports, ({ name, kind, id }, section) => {
    writeName(section, name);
    section.u8(externCodes[kind]);
    section.u32(encoder.at(kind, id));
  });
  if (m.start !== undefined) {
    const section = new ByteWriter();
    section.u32(encoder.at('function', m.start));
    out.u8(sectionIds.start);
    out.sized(section.view());
  }
  writeElements(out, m, encoder);
  if (m.datas.length > 0 && own.some(({ body }) => mentionsData(body))) {
    const section = new ByteWriter();
    section.u32(m.datas.length);
    out.u8(sectionIds.dataCount);
    out.sized(section.view());
  }
  const stamp = stampOf(m);
  vectorSection(out, sectionIds.code, own, (one, section) => {
    let kept = encodedBodies.get(one);
    if (kept === undefined || kept.stamp !== stamp) {
      kept = { stamp, bytes: encoder.body(one) };
      encodedBodies.set(one, kept);
    }
    section.sized(kept.bytes);
  });
  vectorSection(out, sectionIds.data, m.datas, ({ mode, memory, at, bytes }, section) => {
    const index = mode === 'active' ? encoder.at('memory', memory) : 0;
    section.u8(mode === 'passive' ? 1 : index === 0 ? 0 : 2);
    if (index !== 0) section.u32(index);
    if (mode === 'active') encoder.expression(section, at ?? []);
    section.sized(bytes);
  });
  for (const { name, bytes } of m.customs) {
    const section = new ByteWriter();
    writeName(section, name);
    section.bytes(bytes);
    out.u8(sectionIds.custom);
    out.sized(section.view());
  }
  return out.copy();
}

function writeImports(out: ByteWriter, m: EditModule, encoder: Encoder): void {
  const imports: { readonly from: ImportedFrom; readonly write: (section: ByteWriter) => void }[] = [];
  for (const kind of ['function', 'table', 'memory', 'global', 'tag'] as const) {
    for (const entity of m[listOf[kind]]) {
      if (entity.from === undefined) continue;
      imports.push({ from: entity.from, write: (section) => {
        section.u8(externCodes[kind]);
        if ('element' in entity) {
          encoder.type(section, entity.element);
          encoder.limits(section, entity.limits);
        } else if ('limits' in entity) encoder.limits(section, entity.limits);
        else if ('mutable' in entity) {
          encoder.type(section, entity.type);
          section.u8(entity.mutable ? 1 : 0);
        } else {
          if (kind === 'tag') section.u8(0);
          section.u32(encoder.at('type', entity.type));
        }
      } });
    }
  }
  vectorSection(out, sectionIds.import, imports, ({ from, write }, section) => {
    writeName(section, from.module);
    writeName(section, from.name);
    write(section);
  });
}

/** Flag bits: 1 passive or declarative, 2 explicit table, or declarative, 4 expressions. */
function writeElements(out: ByteWriter, m: EditModule, encoder: Encoder): void {
  vectorSection(out, sectionIds.element, m.elements, ({ mode, table, at, type, items, isFunctions }, section) => {
    const index = mode === 'active' ? encoder.at('table', table) : 0;
    // Expressions on table 0 without a type are of funcref; any other type must be written, and so the table.
    const isExplicit = index !== 0 || (!isFunctions && type !== 'funcref');
    section.u8((mode === 'active' ? (isExplicit ? 2 : 0) : mode === 'passive' ? 1 : 3) | (isFunctions ? 0 : 4));
    if (mode === 'active' && isExplicit) section.u32(index);
    if (mode === 'active') encoder.expression(section, at ?? []);
    if (mode !== 'active' || isExplicit) {
      if (isFunctions) section.u8(0);
      else encoder.type(section, type);
    }
    section.u32(items.length);
    for (const item of items) {
      if (isFunctions) section.u32(encoder.at('function', Number(item[0]?.args[0])));
      else encoder.expression(section, item);
    }
  });
}
