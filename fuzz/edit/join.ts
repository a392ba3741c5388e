// Several modules as one: what each has, side by side, imports and exports told apart by a number behind their names.
//
// Generated modules have an export `refuel` each, which sets what a call may spend (generate/module.ts); the joined module's calls them all. Start
// functions are called one after the other.

import { type Argument, type Code, type Instruction, instruction, mapCode, references } from './instructions.ts';
import { type Composite, type EditModule, type Field, type FunctionEntity, type ImportedFrom, withSignature } from './module.ts';

/** A module with all identities larger by a number. */
export function withLargerIds(m: EditModule, by: number): EditModule {
  const text = (type: string): string => type.replaceAll(/\$(\d+)/g, (_, id: string) => `$${Number(id) + by}`);
  const code = (list: Code): Code => mapCode(list, (one): Instruction => {
    const spaces = references[one.row.immediate];
    const args = one.args.map((arg, place): Argument => {
      if (typeof arg === 'string') return text(arg);
      if (spaces[place] !== undefined) return Number(arg) + by;
      return one.row.immediate === 'tryTable' && place % 3 === 2 && Number(one.args[place - 1]) < 2 ? Number(arg) + by : arg;
    });
    return { ...one, args };
  });
  const optional = (list: Code | undefined): Code | undefined => (list === undefined ? undefined : code(list));
  const field = ({ type, mutable }: Field): Field => ({ type: text(type), mutable });
  const composite = (one: Composite): Composite => {
    switch (one.kind) {
      case 'function': return { kind: 'function', params: one.params.map(text), results: one.results.map(text) };
      case 'struct': return { kind: 'struct', fields: one.fields.map(field) };
      case 'array': return { kind: 'array', element: field(one.element) };
    }
  };
  return {
    types: m.types.map((group) => group.map((type) => ({ id: type.id + by, final: type.final, supertypes: type.supertypes.map((id) => id + by), composite: composite(type.composite) }))),
    functions: m.functions.map((one) => ({ ...one, id: one.id + by, type: one.type + by, locals: one.locals.map(text), body: code(one.body) })),
    tables: m.tables.map((one) => ({ ...one, id: one.id + by, element: text(one.element), initial: optional(one.initial) })),
    memories: m.memories.map((one) => ({ ...one, id: one.id + by })),
    globals: m.globals.map((one) => ({ ...one, id: one.id + by, type: text(one.type), initial: code(one.initial) })),
    tags: m.tags.map((one) => ({ ...one, id: one.id + by, type: one.type + by })),
    exports: m.exports.map((one) => ({ ...one, id: one.id + by })),
    start: m.start === undefined ? undefined : m.start + by,
    elements: m.elements.map((one) => ({ ...one, id: one.id + by, table: one.table + by, at: optional(one.at), type: text(one.type), items: one.items.map(code) })),
    datas: m.datas.map((one) => ({ ...one, id: one.id + by, memory: one.memory + by, at: optional(one.at) })),
    customs: m.customs,
    nextId: m.nextId + by,
  };
}

const importsFirst = <T extends { readonly from: unknown }>(lists: readonly (readonly T[])[]): T[] => {
  const all = lists.flat();
  return [...all.filter(({ from }) => from !== undefined), ...all.filter(({ from }) => from === undefined)];
};

/** The module with a number behind the names of what it imports. */
function withNumberedImports(m: EditModule, number: number): EditModule {
  const from = (one: ImportedFrom | undefined): ImportedFrom | undefined => (one === undefined ? undefined : { module: one.module, name: `${one.name}.${number}` });
  return {
    ...m,
    functions: m.functions.map((one) => ({ ...one, from: from(one.from) })),
    tables: m.tables.map((one) => ({ ...one, from: from(one.from) })),
    memories: m.memories.map((one) => ({ ...one, from: from(one.from) })),
    globals: m.globals.map((one) => ({ ...one, from: from(one.from) })),
    tags: m.tags.map((one) => ({ ...one, from: from(one.from) })),
  };
}

/** The modules as one. */
export function joinModules(modules: readonly EditModule[]): EditModule {
  const parts: EditModule[] = [];
  let next = 0;
  for (const [number, m] of modules.entries()) {
    const part = withNumberedImports(withLargerIds(m, next), number);
    parts.push(part);
    next = part.nextId;
  }
  const isRefuel = ({ name, kind }: EditModule['exports'][number]): boolean => name === 'refuel' && kind === 'function';
  const joined: EditModule = {
    types: parts.flatMap(({ types }) => types),
    functions: importsFirst(parts.map(({ functions }) => functions)),
    tables: importsFirst(parts.map(({ tables }) => tables)),
    memories: importsFirst(parts.map(({ memories }) => memories)),
    globals: importsFirst(parts.map(({ globals }) => globals)),
    tags: importsFirst(parts.map(({ tags }) => tags)),
    exports: parts.flatMap(({ exports }, number) => exports.filter((one) => !isRefuel(one)).map((one) => ({ ...one, name: `${one.name}.${number}` }))),
    start: undefined,
    elements: parts.flatMap(({ elements }) => elements),
    datas: parts.flatMap(({ datas }) => datas),
    customs: [],
    nextId: next,
  };
  const addFunction = (m: EditModule, params: readonly string[], body: Code): { readonly m: EditModule; readonly id: number } => {
    const { m: extended, type } = withSignature(m, params, []);
    const one: FunctionEntity = { id: extended.nextId, from: undefined, type, locals: [], body };
    return { m: { ...extended, functions: [...extended.functions, one], nextId: one.id + 1 }, id: one.id };
  };
  let result = joined;
  const refuels = parts.flatMap(({ exports }) => exports.filter(isRefuel).map(({ id }) => id));
  if (refuels.length > 0) {
    const added = addFunction(result, ['i32'], refuels.flatMap((id) => [instruction('local.get', 0), instruction('call', id)]));
    result = { ...added.m, exports: [...added.m.exports, { name: 'refuel', kind: 'function', id: added.id }] };
  }
  const starts = parts.flatMap(({ start }) => (start === undefined ? [] : [start]));
  if (starts.length > 0) {
    const added = addFunction(result, [], starts.map((id) => instruction('call', id)));
    result = { ...added.m, start: added.id };
  }
  return result;
}
