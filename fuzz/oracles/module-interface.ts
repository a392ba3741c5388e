// What the outside of a valid module looks like: types of everything it imports, defines and exports, for all of Wasm 3.0 and threads.
// Engines that show less through their own interface (V8 tells names and kinds, not types) are completed from here.
// It reads only the sections it needs and trusts them: call it on bytes that some engine has accepted.
// Format: standard, chapter 5 (binary format), sections "Types" and "Modules".

import type { EngineFunctionType, ExternKind, TypeText } from './engine.ts';

export interface InterfaceFunctionType extends EngineFunctionType {
  /** Written as a lone final type without supertypes and without references to other types: equal types can be rebuilt from the text. */
  readonly simple: boolean;
}

export interface InterfaceLimits {
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly shared: boolean;
  readonly index: 'i32' | 'i64';
}

export interface InterfaceGlobal {
  readonly type: TypeText;
  readonly mutable: boolean;
}

export interface InterfaceTable extends InterfaceLimits {
  readonly element: TypeText;
}

/** Index spaces begin with the imports. */
export interface ModuleInterface {
  /** Contents of the type section, vector count included; empty when there is none. */
  readonly typeSection: Uint8Array;
  readonly typeCount: number;
  /** By type index; undefined for structs and arrays. */
  readonly types: readonly (InterfaceFunctionType | undefined)[];
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: ExternKind; readonly index: number }[];
  readonly exports: readonly { readonly name: string; readonly kind: ExternKind; readonly index: number }[];
  /** Type index of each function. */
  readonly functions: readonly number[];
  readonly tables: readonly InterfaceTable[];
  readonly memories: readonly InterfaceLimits[];
  readonly globals: readonly InterfaceGlobal[];
  /** Type index of each tag. */
  readonly tags: readonly number[];
  readonly hasStart: boolean;
}

const numericTypes: Readonly<Record<number, string>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128', 0x78: 'i8', 0x77: 'i16' };

/** Heap types by their byte: name in `(ref …)`, and the short form of the nullable reference. */
const heapTypes: Readonly<Record<number, { readonly heap: string; readonly nullable: string }>> = {
  0x69: { heap: 'exn', nullable: 'exnref' },
  0x6a: { heap: 'array', nullable: 'arrayref' },
  0x6b: { heap: 'struct', nullable: 'structref' },
  0x6c: { heap: 'i31', nullable: 'i31ref' },
  0x6d: { heap: 'eq', nullable: 'eqref' },
  0x6e: { heap: 'any', nullable: 'anyref' },
  0x6f: { heap: 'extern', nullable: 'externref' },
  0x70: { heap: 'func', nullable: 'funcref' },
  0x71: { heap: 'none', nullable: 'nullref' },
  0x72: { heap: 'noextern', nullable: 'nullexternref' },
  0x73: { heap: 'nofunc', nullable: 'nullfuncref' },
  0x74: { heap: 'noexn', nullable: 'nullexnref' },
};

const kinds: readonly ExternKind[] = ['function', 'table', 'memory', 'global', 'tag'];
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new Error('module-interface: read past the end of a module said to be valid');
    return value;
  }
  peek(): number {
    return this.bytes[this.at] ?? -1;
  }
  u32(): number {
    return Number(this.u64() & 0xffffffffn);
  }
  u64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  s33(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
  }
  /** LEB128 of at most 32 bits without the detour over bigint. */
  small(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
  /** Where what follows ends, whose size stands here. */
  sizedEnd(): number {
    const size = this.small();
    return this.at + size;
  }
  name(): string {
    const length = this.small();
    const text = utf8.decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }
}

function heapType(cursor: Cursor): { readonly heap: string; readonly nullable: string } {
  const code = cursor.s33();
  if (code >= 0) return { heap: `$${code}`, nullable: `(ref null $${code})` };
  const known = heapTypes[code & 0x7f];
  if (known === undefined) throw new Error(`module-interface: unknown heap type ${code}`);
  return known;
}

function valueType(cursor: Cursor): TypeText {
  const byte = cursor.byte();
  const numeric = numericTypes[byte];
  if (numeric !== undefined) return numeric;
  if (byte === 0x63) return heapType(cursor).nullable;
  if (byte === 0x64) return `(ref ${heapType(cursor).heap})`;
  const short = heapTypes[byte];
  if (short === undefined) throw new Error(`module-interface: unknown value type 0x${byte.toString(16)}`);
  return short.nullable;
}

function limits(cursor: Cursor): InterfaceLimits {
  const flags = cursor.byte();
  const min = cursor.u64();
  return { min, max: (flags & 1) !== 0 ? cursor.u64() : undefined, shared: (flags & 2) !== 0, index: (flags & 4) !== 0 ? 'i64' : 'i32' };
}

function tableType(cursor: Cursor): InterfaceTable {
  const element = valueType(cursor);
  return { element, ...limits(cursor) };
}

function globalType(cursor: Cursor): InterfaceGlobal {
  const type = valueType(cursor);
  return { type, mutable: cursor.byte() === 1 };
}

function fieldType(cursor: Cursor): void {
  valueType(cursor);
  cursor.byte();
}

function subType(cursor: Cursor, alone: boolean, into: (InterfaceFunctionType | undefined)[]): void {
  let plain = alone;
  let byte = cursor.byte();
  if (byte === 0x4f || byte === 0x50) {
    if (byte === 0x50) plain = false;
    for (let count = cursor.small(); count > 0; count--) {
      cursor.small();
      plain = false;
    }
    byte = cursor.byte();
  }
  if (byte === 0x60) {
    const list = (): TypeText[] => {
      const types: TypeText[] = [];
      for (let count = cursor.small(); count > 0; count--) types.push(valueType(cursor));
      return types;
    };
    const params = list();
    const results = list();
    const simple = plain && !params.some(isConcrete) && !results.some(isConcrete);
    into.push({ params, results, simple });
    return;
  }
  if (byte === 0x5f) for (let count = cursor.small(); count > 0; count--) fieldType(cursor);
  else if (byte === 0x5e) fieldType(cursor);
  else throw new Error(`module-interface: unknown composite type 0x${byte.toString(16)}`);
  into.push(undefined);
}

function isConcrete(type: TypeText): boolean {
  return type.includes('$');
}

/** Skips a constant expression, `end` included. */
function skipExpression(cursor: Cursor): void {
  for (;;) {
    const opcode = cursor.byte();
    switch (opcode) {
      case 0x0b: return;
      case 0x41: case 0x42: case 0xd0: cursor.s33(); break;
      case 0x23: case 0xd2: cursor.small(); break;
      case 0x43: cursor.at += 4; break;
      case 0x44: cursor.at += 8; break;
      case 0x6a: case 0x6b: case 0x6c: case 0x7c: case 0x7d: case 0x7e: break;
      case 0xfd: cursor.small(); cursor.at += 16; break;
      case 0xfb: {
        const sub = cursor.small();
        // struct.new 0, struct.new_default 1, array.new 6, array.new_default 7: one index; array.new_fixed 8: two; conversions and ref.i31: none.
        if (sub <= 1 || sub === 6 || sub === 7) cursor.small();
        else if (sub === 8) { cursor.small(); cursor.small(); }
        break;
      }
      default: throw new Error(`module-interface: opcode 0x${opcode.toString(16)} in a constant expression`);
    }
  }
}

/** Shows the sections in turn; `cursor` stands behind a section's size and may be left anywhere. */
function eachSection(bytes: Uint8Array, visit: (id: number, cursor: Cursor, end: number) => void): void {
  const cursor = new Cursor(bytes, 8);
  while (cursor.at < bytes.length) {
    const id = cursor.byte();
    const end = cursor.sizedEnd();
    visit(id, cursor, end);
    cursor.at = end;
  }
}

let last: { readonly bytes: Uint8Array; readonly shape: ModuleInterface } | undefined;

/** Reads the interface of a valid module. Sameness is that of the array, whose bytes are not changed once it was read. */
export function readModuleInterface(bytes: Uint8Array): ModuleInterface {
  if (last?.bytes !== bytes) last = { bytes, shape: readInterface(bytes) };
  return last.shape;
}

function readInterface(bytes: Uint8Array): ModuleInterface {
  const types: (InterfaceFunctionType | undefined)[] = [];
  const imports: ModuleInterface['imports'][number][] = [];
  const exports: ModuleInterface['exports'][number][] = [];
  const functions: number[] = [];
  const tables: InterfaceTable[] = [];
  const memories: InterfaceLimits[] = [];
  const globals: InterfaceGlobal[] = [];
  const tags: number[] = [];
  let typeSection = new Uint8Array(0);
  let hasStart = false;
  const readType = (cursor: Cursor): void => {
    if (cursor.peek() !== 0x4e) return subType(cursor, true, types);
    cursor.byte();
    const count = cursor.small();
    for (let i = 0; i < count; i++) subType(cursor, count === 1, types);
  };
  const readImport = (cursor: Cursor): void => {
    const module = cursor.name();
    const name = cursor.name();
    const kind = kinds[cursor.byte()];
    const add = (index: number): void => {
      if (kind !== undefined) imports.push({ module, name, kind, index });
    };
    switch (kind) {
      case 'function': return add(functions.push(cursor.small()) - 1);
      case 'table': return add(tables.push(tableType(cursor)) - 1);
      case 'memory': return add(memories.push(limits(cursor)) - 1);
      case 'global': return add(globals.push(globalType(cursor)) - 1);
      case 'tag': cursor.byte(); return add(tags.push(cursor.small()) - 1);
      default: throw new Error('module-interface: unknown import kind');
    }
  };
  const readTable = (cursor: Cursor): void => {
    const initialised = cursor.peek() === 0x40;
    if (initialised) cursor.at += 2;
    tables.push(tableType(cursor));
    if (initialised) skipExpression(cursor);
  };
  const readExport = (cursor: Cursor): void => {
    const name = cursor.name();
    const kind = kinds[cursor.byte()];
    if (kind === undefined) throw new Error('module-interface: unknown export kind');
    exports.push({ name, kind, index: cursor.small() });
  };
  const readers: Readonly<Record<number, (cursor: Cursor) => void>> = {
    1: readType,
    2: readImport,
    3: (cursor) => functions.push(cursor.small()),
    4: readTable,
    5: (cursor) => memories.push(limits(cursor)),
    6: (cursor) => { globals.push(globalType(cursor)); skipExpression(cursor); },
    7: readExport,
    13: (cursor) => { cursor.byte(); tags.push(cursor.small()); },
  };
  eachSection(bytes, (id, cursor, end) => {
    const read = readers[id];
    if (id === 1) typeSection = bytes.slice(cursor.at, end);
    if (id === 8) hasStart = true;
    if (read !== undefined) for (let count = cursor.small(); count > 0; count--) read(cursor);
  });
  return { typeSection, typeCount: types.length, types, imports, exports, functions, tables, memories, globals, tags, hasStart };
}

/** The flags of each element segment of a valid module: bit 0 passive or declarative, bit 1 declarative or with a table, bit 2 expressions. */
export function readElementFlags(bytes: Uint8Array): readonly number[] {
  const found: number[] = [];
  const readSegment = (cursor: Cursor): void => {
    const flags = cursor.small();
    found.push(flags);
    if ((flags & 1) === 0) {
      if ((flags & 2) !== 0) cursor.small();
      skipExpression(cursor);
    }
    if ((flags & 3) !== 0) {
      if ((flags & 4) !== 0) valueType(cursor);
      else cursor.byte();
    }
    for (let count = cursor.small(); count > 0; count--) {
      if ((flags & 4) !== 0) skipExpression(cursor);
      else cursor.small();
    }
  };
  eachSection(bytes, (id, cursor) => {
    if (id === 9) for (let count = cursor.small(); count > 0; count--) readSegment(cursor);
  });
  return found;
}

/**
 * The global that a function of a valid module sets to its only parameter, where it does nothing else. `ownFunction` counts from the first that is not imported.
 * Undefined for any other function.
 */
export function maybeSetGlobal(bytes: Uint8Array, ownFunction: number): number | undefined {
  let found: number | undefined;
  eachSection(bytes, (id, cursor) => {
    if (id !== 10 || ownFunction >= cursor.small()) return;
    for (let before = ownFunction; before > 0; before--) cursor.at = cursor.sizedEnd();
    const end = cursor.sizedEnd();
    // No locals, local.get 0, global.set.
    if (![0, 0x20, 0, 0x24].every((expected) => cursor.byte() === expected)) return;
    const global = cursor.small();
    if (cursor.at === end - 1 && cursor.byte() === 0x0b) found = global;
  });
  return found;
}
