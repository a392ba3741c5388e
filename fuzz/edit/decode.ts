// Bytes of a module to its editable form. Sections come from the interpreter's decoder, which is strict, so code is read here without a check of its own.

import { decode, type Expression, type Module, prefixedInstruction, showType, singleInstruction } from '../../interpreter/index.ts';
import { type Argument, type Code, type Instruction, instruction, opcode, type Row } from './instructions.ts';
import type { Composite, EditModule, ElementEntity, ExportKind, ImportedFrom, RecursionGroup } from './module.ts';

const exportKinds: Readonly<Record<'func' | 'table' | 'memory' | 'global' | 'tag', ExportKind>> = { func: 'function', table: 'table', memory: 'memory', global: 'global', tag: 'tag' };

const valueTypes: Readonly<Record<number, string>> = {
  0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128', 0x69: 'exnref', 0x6a: 'arrayref', 0x6b: 'structref', 0x6c: 'i31ref', 0x6d: 'eqref', 0x6e: 'anyref', 0x6f: 'externref',
  0x70: 'funcref', 0x71: 'nullref', 0x72: 'nullexternref', 0x73: 'nullfuncref', 0x74: 'nullexnref',
};

const heapTypes: Readonly<Record<number, string>> = {
  0x69: 'exn', 0x6a: 'array', 0x6b: 'struct', 0x6c: 'i31', 0x6d: 'eq', 0x6e: 'any', 0x6f: 'extern', 0x70: 'func', 0x71: 'none', 0x72: 'noextern', 0x73: 'nofunc', 0x74: 'noexn',
};

/** Reads code of a module that has been decoded once, and so is well-formed. */
class CodeReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  expression({ start }: Expression): Code {
    this.at = start;
    return this.sequence().code;
  }

  private byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  private u32(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  private big(isSigned: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return isSigned && (byte & 0x40) !== 0 ? BigInt.asIntN(64, value - (1n << shift)) : value;
    }
  }

  private fixed(count: number): number[] {
    return Array.from({ length: count }, () => this.byte());
  }

  private heapType(): string {
    const byte = this.bytes[this.at] ?? 0;
    const name = heapTypes[byte];
    if (name === undefined) return `$${this.big(true)}`;
    this.at++;
    return name;
  }

  private valueType(): string {
    const byte = this.byte();
    if (byte === 0x63 || byte === 0x64) {
      const heap = this.heapType();
      if (byte === 0x64) return `(ref ${heap})`;
      // Short and long spelling are one type: `(ref null any)` is anyref.
      if (heap.startsWith('$')) return `(ref null ${heap})`;
      return heap === 'none' ? 'nullref' : heap.startsWith('no') ? `null${heap.slice(2)}ref` : `${heap}ref`;
    }
    const name = valueTypes[byte];
    if (name === undefined) throw new Error(`edit: no value type has the code 0x${byte.toString(16)}`);
    return name;
  }

  private blockType(): string {
    const byte = this.bytes[this.at] ?? 0;
    if (byte === 0x40) {
      this.at++;
      return '';
    }
    return byte > 0x40 && byte < 0x80 ? this.valueType() : `$${this.big(true)}`;
  }

  private memoryArgument(): Argument[] {
    const flags = this.u32();
    const memory = (flags & 0x40) !== 0 ? this.u32() : 0;
    return [flags & 0x3f, this.big(false), memory];
  }

  private args({ immediate }: Row): Argument[] {
    switch (immediate) {
      case 'none': return [];
      case 'block': return [this.blockType()];
      case 'tryTable': {
        const args: Argument[] = [this.blockType()];
        for (let count = this.u32(); count > 0; count--) {
          const kind = this.byte();
          args.push(kind, kind < 2 ? this.u32() : -1, this.u32());
        }
        return args;
      }
      case 'labels': return Array.from({ length: this.u32() + 1 }, () => this.u32());
      case 'label': case 'function': case 'type': case 'local': case 'global': case 'table': case 'tag': case 'memory': case 'elem': case 'data':
        return [this.u32()];
      case 'typeTable': case 'memoryMemory': case 'elemTable': case 'tableTable': case 'typeField': case 'typeType': case 'typeElem': case 'typeCount': case 'dataMemory': case 'typeData':
        return [this.u32(), this.u32()];
      case 'memarg': return this.memoryArgument();
      case 'memargLane': return [...this.memoryArgument(), this.byte()];
      case 'lane': case 'zero': return [this.byte()];
      case 'i32': return [Number(this.big(true)) | 0];
      case 'i64': return [this.big(true)];
      case 'f32': {
        const [a = 0, b = 0, c = 0, d = 0] = this.fixed(4);
        return [(a | (b << 8) | (c << 16) | (d << 24)) >>> 0];
      }
      case 'f64': return [this.fixed(8).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)];
      case 'v128': case 'shuffle': return this.fixed(16);
      case 'selectTypes': return Array.from({ length: this.u32() }, () => this.valueType());
      case 'heap': return [this.heapType()];
      case 'cast': return [this.byte(), this.u32(), this.heapType(), this.heapType()];
    }
  }

  /** Instructions up to `end` or `else`, which is passed. */
  private sequence(): { readonly code: Code; readonly isElse: boolean } {
    const code: Instruction[] = [];
    for (;;) {
      const byte = this.byte();
      const row = byte >= 0xfb && byte <= 0xfe ? prefixedInstruction(byte, this.u32()) : singleInstruction(byte);
      if (row === undefined) throw new Error(`edit: no instruction has the opcode 0x${byte.toString(16)}`);
      if (row.opcode === opcode.end || row.opcode === opcode.else) return { code, isElse: row.opcode === opcode.else };
      const args = this.args(row);
      if (row.immediate !== 'block' && row.immediate !== 'tryTable') {
        code.push({ row, args });
        continue;
      }
      const body = this.sequence();
      code.push({ row, args, body: body.code, ...(body.isElse ? { otherwise: this.sequence().code } : {}) });
    }
  }
}

function groupsOf(module: Module): RecursionGroup[] {
  const composite = (index: number): Composite => {
    const found = module.types[index]?.composite;
    switch (found?.kind) {
      case 'func': return { kind: 'function', params: found.params.map(showType), results: found.results.map(showType) };
      case 'struct': return { kind: 'struct', fields: found.fields.map(({ storage, mutable }) => ({ type: showType(storage), mutable })) };
      case 'array': return { kind: 'array', element: { type: showType(found.element.storage), mutable: found.element.mutable } };
      case undefined: throw new Error(`edit: no type has the index ${index}`);
    }
  };
  return module.groups.map(({ first, count }) => Array.from({ length: count }, (_, place) => {
    const id = first + place;
    return { id, final: module.types[id]?.final ?? true, supertypes: module.types[id]?.supertypes ?? [], composite: composite(id) };
  }));
}

/** The editable form of a module, or why its bytes are none. */
export function decodeForEditing(bytes: Uint8Array): EditModule | { readonly kind: 'malformed'; readonly message: string } {
  const module = decode(bytes);
  if (module.kind === 'malformed') return { kind: 'malformed', message: `${module.message} (at byte ${module.offset})` };
  const reader = new CodeReader(bytes);
  const imported = (kind: Module['imports'][number]['type']['kind']): ImportedFrom[] => module.imports.flatMap(({ module: from, name, type }) => (type.kind === kind ? [{ module: from, name }] : []));
  const froms = { func: imported('func'), table: imported('table'), memory: imported('memory'), global: imported('global'), tag: imported('tag') };
  const optional = (expression: Expression | undefined): Code | undefined => (expression === undefined ? undefined : reader.expression(expression));
  const elements = module.elements.map((segment, id): ElementEntity => {
    const { mode, table, type, functions, expressions } = segment;
    const items = functions !== undefined ? functions.map((index) => [instruction('ref.func', index)]) : (expressions ?? []).map((expression) => reader.expression(expression));
    return { id, mode, table, at: optional(segment.at), type: showType(type), items, isFunctions: functions !== undefined };
  });
  const counts = [module.types, module.functions, module.tables, module.memories, module.globals, module.tags, module.elements, module.datas].map((list) => list.length);
  return {
    types: groupsOf(module),
    functions: module.functions.map((type, id) => {
      const own = module.bodies[id - module.importedFunctions];
      if (own === undefined) return { id, from: froms.func[id], type, locals: [], body: [] };
      return { id, from: undefined, type, locals: own.locals.flatMap(({ count, type: local }) => new Array<string>(count).fill(showType(local))), body: reader.expression(own.code) };
    }),
    tables: module.tables.map(({ type, initial }, id) => ({ id, from: froms.table[id], element: showType(type.element), limits: type.limits, initial: optional(initial) })),
    memories: module.memories.map(({ limits }, id) => ({ id, from: froms.memory[id], limits })),
    globals: module.globals.map(({ type, initial }, id) => ({ id, from: froms.global[id], type: showType(type.type), mutable: type.mutable, initial: optional(initial) ?? [] })),
    tags: module.tags.map(({ typeIndex }, id) => ({ id, from: froms.tag[id], type: typeIndex })),
    exports: module.exports.map(({ name, kind, index }) => ({ name, kind: exportKinds[kind], id: index })),
    start: module.start?.func,
    elements,
    datas: module.datas.map(({ mode, memory, at, start, end }, id) => ({ id, mode: mode === 'active' ? 'active' : 'passive', memory, at: optional(at), bytes: bytes.slice(start, end) })),
    customs: module.customs.map(({ name, start, end }) => ({ name, bytes: bytes.slice(start, end) })),
    nextId: Math.max(0, ...counts),
  };
}
