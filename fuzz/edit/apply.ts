// Changes to a module as data, so that a search may take any subset of them: ranges of code replaced, entities removed, or anything else.
//
// Many apply at once, all described against the same module. Of ranges that overlap the outer one counts, the others are passed over; removals come
// next, all in one rewriting; then the rest, one after the other. A change that has lost its object is nothing, never an error.

import { type Argument, type Code, eachInstruction, type Instruction, instruction, mapCode, opcode, references, type Space } from './instructions.ts';
import { type EditModule, type ElementEntity, type FunctionEntity, functionOf, signatureOf } from './module.ts';
import { effectOf, heapOf, maybeDefault } from './typing.ts';

export type Change =
  /** Replaces `list[from..to]`, inclusive; `to` is `from - 1` for an insertion. The sequence is found by identity. */
  | { readonly kind: 'code'; readonly list: Code; readonly from: number; readonly to: number; readonly by: Code }
  /** Removes an entity, and what mentions it. */
  | { readonly kind: 'remove'; readonly space: Space; readonly id: number }
  /** Anything else; undefined where it does not apply. */
  | { readonly kind: 'module'; readonly apply: (m: EditModule) => EditModule | undefined };

type CodeChange = Extract<Change, { readonly kind: 'code' }>;

/** The module with all changes. */
export function applyChanges(m: EditModule, changes: readonly Change[]): EditModule {
  const byList = new Map<Code, CodeChange[]>();
  const removed = new Map<Space, Set<number>>();
  for (const change of changes) {
    if (change.kind === 'code') {
      const known = byList.get(change.list);
      if (known === undefined) byList.set(change.list, [change]);
      else known.push(change);
    } else if (change.kind === 'remove') {
      const known = removed.get(change.space);
      if (known === undefined) removed.set(change.space, new Set([change.id]));
      else known.add(change.id);
    }
  }
  let result = m;
  if (byList.size > 0) result = { ...result, functions: result.functions.map((one) => {
    const body = replaceRanges(one.body, byList);
    return body === one.body ? one : { ...one, body };
  }) };
  if (removed.size > 0) result = removeEntities(result, removed);
  for (const change of changes) if (change.kind === 'module') result = change.apply(result) ?? result;
  return result;
}

function replaceRanges(list: Code, byList: ReadonlyMap<Code, readonly CodeChange[]>): Code {
  const inside = (code: Code): Code => {
    let copy: Instruction[] | undefined;
    for (let at = 0; at < code.length; at++) {
      const one = code[at];
      if (one?.body === undefined) continue;
      const body = replaceRanges(one.body, byList);
      const otherwise = one.otherwise === undefined ? undefined : replaceRanges(one.otherwise, byList);
      if (body === one.body && otherwise === one.otherwise) continue;
      copy ??= [...code];
      copy[at] = { row: one.row, args: one.args, body, ...(otherwise === undefined ? {} : { otherwise }) };
    }
    return copy ?? code;
  };
  const changes = byList.get(list);
  if (changes === undefined) return inside(list);
  // New code may be made of code around this sequence, as when a statement is repeated in itself: what comes again in it stays as it was.
  const others = new Map(byList);
  others.delete(list);
  const insideNew = (code: Code): Code => (code.length === 0 ? code : replaceRanges(code, others));
  // The larger first where two begin at one place.
  const sorted = [...changes].sort((a, b) => a.from - b.from || b.to - a.to);
  const result: Instruction[] = [];
  let next = 0;
  for (const { from, to, by } of sorted) {
    if (from < next || to >= list.length) continue;
    result.push(...inside(list.slice(next, from)), ...insideNew(by));
    next = to + 1;
  }
  result.push(...inside(list.slice(next)));
  return result;
}

/** Code that pops the given types, deepest first, and pushes others; undefined when one of those has no plain constant. */
export function maybeInstead(pops: readonly string[], pushes: readonly string[]): Instruction[] | undefined {
  const code: Instruction[] = pops.map(() => instruction('drop'));
  for (const type of pushes) {
    const plain = maybeDefault(type);
    if (plain === undefined) return undefined;
    code.push(plain);
  }
  return code;
}

function mentions(one: Instruction, removed: ReadonlyMap<Space, ReadonlySet<number>>): boolean {
  const spaces = references[one.row.immediate];
  for (let place = 0; place < spaces.length; place++) {
    const space = spaces[place];
    if (space !== undefined && removed.get(space)?.has(Number(one.args[place])) === true) return true;
  }
  if (one.row.immediate === 'tryTable') for (let place = 1; place < one.args.length; place += 3) if (Number(one.args[place]) < 2 && removed.get('tag')?.has(Number(one.args[place + 1])) === true) return true;
  return false;
}

/** An instruction that mentions what is gone becomes drops and constants; one that never came back becomes unreachable. */
function without(m: EditModule, owner: FunctionEntity, one: Instruction, removed: ReadonlyMap<Space, ReadonlySet<number>>): Code {
  if (!mentions(one, removed)) return [one];
  const { row, args } = one;
  if (row.opcode === opcode.tryTable) {
    const kept: Argument[] = [args[0] ?? ''];
    for (let place = 1; place < args.length; place += 3) {
      if (Number(args[place]) >= 2 || removed.get('tag')?.has(Number(args[place + 1])) !== true) kept.push(...args.slice(place, place + 3));
    }
    return [{ ...one, args: kept }];
  }
  if (row.opcode === opcode.refFunc) return [instruction('ref.null', heapOf(`(ref null $${functionOf(m, Number(args[0])).type})`))];
  if (row.opcode === opcode.throw) return [instruction('unreachable')];
  const { results } = signatureOf(m, owner.type);
  const { pops, pushes } = effectOf(one, { m, locals: [], results, labels: [], peek: () => 'i32' });
  if (row.opcode === opcode.returnCall || row.opcode === opcode.returnCallIndirect || row.opcode === opcode.returnCallRef) return [...(maybeInstead(pops, results) ?? []), instruction('return')];
  return maybeInstead(pops, pushes) ?? [instruction('unreachable')];
}

function removeEntities(m: EditModule, removed: ReadonlyMap<Space, ReadonlySet<number>>): EditModule {
  const isGone = (space: Space, id: number): boolean => removed.get(space)?.has(id) === true;
  const stays = (space: Space) => ({ id }: { readonly id: number }): boolean => !isGone(space, id);
  /** A constant expression without what it mentions of the removed: the plain constant of its type. */
  const constant = (code: Code, type: string): Code => {
    let isTouched = false;
    eachInstruction(code, (one) => {
      if (mentions(one, removed)) isTouched = true;
    });
    const plain = maybeDefault(type);
    return isTouched && plain !== undefined ? [plain] : code;
  };
  const functions = m.functions.filter(stays('function')).map((one): FunctionEntity => {
    const body = mapCode(one.body, (each) => {
      const after = without(m, one, each, removed);
      return after.length === 1 && after[0] === each ? each : after;
    });
    return body === one.body ? one : { ...one, body };
  });
  const elements = m.elements.filter(stays('element')).filter(({ mode, table }) => mode !== 'active' || !isGone('table', table)).map((segment): ElementEntity => {
    const isTouched = segment.items.some((item) => item.some((one) => mentions(one, removed)));
    if (!isTouched) return segment;
    if (segment.mode === 'declarative') return { ...segment, items: segment.items.filter((item) => !item.some((one) => mentions(one, removed))) };
    const type = segment.isFunctions ? 'funcref' : segment.type;
    return { ...segment, type, isFunctions: false, items: segment.items.map((item) => constant(item, type)) };
  });
  return {
    ...m,
    types: removed.has('type') ? m.types.map((group) => group.filter(stays('type'))).filter(({ length }) => length > 0) : m.types,
    functions,
    tables: m.tables.filter(stays('table')).map((one) => (one.initial === undefined ? one : { ...one, initial: constant(one.initial, one.element) })),
    memories: m.memories.filter(stays('memory')),
    globals: m.globals.filter(stays('global')).map((one) => ({ ...one, initial: constant(one.initial, one.type) })),
    tags: m.tags.filter(stays('tag')),
    exports: m.exports.filter(({ kind, id }) => !isGone(kind, id)),
    start: m.start !== undefined && isGone('function', m.start) ? undefined : m.start,
    elements,
    datas: m.datas.filter(stays('data')).filter(({ mode, memory }) => mode !== 'active' || !isGone('memory', memory)),
  };
}
