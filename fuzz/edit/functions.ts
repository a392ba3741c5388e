// Larger operations on functions: renumbering locals, changing a signature with all its calls, inlining a call, owning what was imported.

import { applyChanges, type Change, maybeInstead } from './apply.ts';
import { type Argument, blockOf, type Code, eachInstruction, type Instruction, instruction, mapCode, opcode, references } from './instructions.ts';
import { type EditModule, type FunctionEntity, functionOf, type FunctionSignature, signatureOf, withFunction, withSignature } from './module.ts';
import { maybeDefault, sitesOf } from './typing.ts';

const isLocalAccess = ({ row }: Instruction): boolean => row.immediate === 'local';

/** Renumbers the locals that code names. */
export function renumberLocals(code: Code, change: (local: number) => number): Code {
  return mapCode(code, (one) => {
    if (!isLocalAccess(one)) return one;
    const local = Number(one.args[0]);
    const to = change(local);
    return to === local ? one : { row: one.row, args: [to] };
  });
}

/** Locals, parameters included, that code names. */
export function localsIn(code: Code): ReadonlySet<number> {
  const found = new Set<number>();
  eachInstruction(code, (one) => {
    if (isLocalAccess(one)) found.add(Number(one.args[0]));
  });
  return found;
}

/** A function without the locals that it does not name. */
export function withoutUnusedLocals(m: EditModule, one: FunctionEntity): FunctionEntity {
  const { length } = signatureOf(m, one.type).params;
  const used = localsIn(one.body);
  const kept = one.locals.flatMap((type, place) => (used.has(length + place) ? [{ type, was: length + place }] : []));
  if (kept.length === one.locals.length) return one;
  const numbers = new Map(kept.map(({ was }, place) => [was, length + place]));
  return { ...one, locals: kept.map(({ type }) => type), body: renumberLocals(one.body, (local) => numbers.get(local) ?? local) };
}

/** The block type of code that takes nothing and leaves these types; may add a function type to the module. */
export function blockTypeFor(m: EditModule, results: readonly string[]): { readonly m: EditModule; readonly type: string } {
  const [only] = results;
  if (results.length === 0) return { m, type: '' };
  if (results.length === 1 && only !== undefined) return { m, type: only };
  const { m: extended, type } = withSignature(m, [], results);
  return { m: extended, type: `$${type}` };
}

/** A body that ends by falling off its end: what returned branches to a block around it. Undefined when it leaves by a tail call. */
export function maybeFallsThrough(m: EditModule, body: Code, results: readonly string[]): { readonly m: EditModule; readonly body: Code } | undefined {
  let leaves = false;
  let isTail = false;
  eachInstruction(body, ({ row, args }, depth) => {
    if (row.opcode === opcode.return || (row.immediate === 'label' && args[0] === depth) || (row.immediate === 'labels' && args.includes(depth)) || (row.immediate === 'cast' && args[1] === depth)) leaves = true;
    if (row.immediate === 'tryTable') for (let place = 3; place < args.length; place += 3) if (args[place] === depth) leaves = true;
    if (row.opcode === opcode.returnCall || row.opcode === opcode.returnCallIndirect || row.opcode === opcode.returnCallRef) isTail = true;
  });
  if (isTail) return undefined;
  if (!leaves) return { m, body };
  const block = blockTypeFor(m, results);
  // The block's label takes the number that the function's had.
  const inner = mapCode(body, (one, depth) => (one.row.opcode === opcode.return ? instruction('br', depth) : one));
  return { m: block.m, body: [blockOf('block', block.type, inner)] };
}

/** Whether anything in the module names the function. */
export function isMentioned(m: EditModule, id: number): boolean {
  if (m.start === id || m.exports.some((one) => one.kind === 'function' && one.id === id)) return true;
  const names = (code: Code): boolean => {
    let found = false;
    eachInstruction(code, ({ row, args }) => {
      if (row.immediate === 'function' && args[0] === id) found = true;
    });
    return found;
  };
  return m.functions.some(({ body }) => names(body)) || m.elements.some(({ items }) => items.some(names)) || m.globals.some(({ initial }) => names(initial)) || m.tables.some(({ initial }) => initial !== undefined && names(initial));
}

/**
 * Puts a function's body in the place of one call of it. With `reset` its locals begin at their defaults each time, as a call's do; without, only the first.
 * Undefined when it cannot be done: the function is imported, calls itself, leaves by tail call, or has a local without default.
 */
export function maybeInlined(m: EditModule, owner: FunctionEntity, call: Instruction, reset: boolean): EditModule | undefined {
  const callee = m.functions.find(({ id }) => id === call.args[0]);
  if (callee === undefined || callee.from !== undefined || callee.id === owner.id) return undefined;
  const { params, results } = signatureOf(m, callee.type);
  const fallen = maybeFallsThrough(m, callee.body, results);
  if (fallen === undefined) return undefined;
  const first = signatureOf(m, owner.type).params.length + owner.locals.length;
  const prologue: Instruction[] = params.map((_, place) => instruction('local.set', first + params.length - 1 - place));
  for (const [place, type] of callee.locals.entries()) {
    const plain = maybeDefault(type);
    if (plain === undefined) return undefined;
    if (reset) prologue.push(plain, instruction('local.set', first + params.length + place));
  }
  if (params.some((type) => maybeDefault(type) === undefined)) return undefined;
  const inlined = [...prologue, ...renumberLocals(fallen.body, (local) => first + local)];
  let isFound = false;
  const body = mapCode(owner.body, (one) => {
    if (one !== call) return one;
    isFound = true;
    return inlined;
  });
  return isFound ? withFunction(fallen.m, { ...owner, locals: [...owner.locals, ...params, ...callee.locals], body }) : undefined;
}

/** Changes of all calls of a function, each described by its site; undefined when one cannot be changed. */
function callChanges(m: EditModule, id: number, change: (site: ReturnType<typeof sitesOf>[number]) => readonly Change[] | undefined): Change[] | undefined {
  const changes: Change[] = [];
  for (const owner of m.functions) {
    if (owner.from !== undefined) continue;
    for (const site of sitesOf(m, owner)) {
      if (site.one.row.immediate !== 'function' || site.one.args[0] !== id || site.one.row.opcode === opcode.refFunc) continue;
      if (site.one.row.opcode !== opcode.call) return undefined;
      const made = change(site);
      if (made === undefined) return undefined;
      changes.push(...made);
    }
  }
  return changes;
}

/** Whether anything in the module names the type. */
function isTypeMentioned(m: EditModule, id: number): boolean {
  const inText = (text: string): boolean => text.endsWith(`$${id}`) || text.includes(`$${id})`);
  const inCode = (code: Code): boolean => {
    let found = false;
    eachInstruction(code, ({ row, args }) => {
      const spaces = references[row.immediate];
      args.forEach((arg, place) => {
        if (typeof arg === 'string' ? inText(arg) : spaces[place] === 'type' && arg === id) found = true;
      });
    });
    return found;
  };
  const types = m.types.flat().some(({ supertypes, composite }) => supertypes.includes(id) || (composite.kind === 'function' ? [...composite.params, ...composite.results] : composite.kind === 'struct' ? composite.fields.map(({ type }) => type) : [composite.element.type]).some(inText));
  return types || m.functions.some(({ type, locals, body }) => type === id || locals.some(inText) || inCode(body)) || m.tags.some(({ type }) => type === id)
    || m.globals.some(({ type, initial }) => inText(type) || inCode(initial)) || m.tables.some(({ element, initial }) => inText(element) || (initial !== undefined && inCode(initial)))
    || m.elements.some(({ type, items }) => inText(type) || items.some(inCode));
}

/** Gives a function another signature; the type it had goes if it stood alone and nothing else names it. */
function withType(m: EditModule, id: number, { params, results }: FunctionSignature, change: (one: FunctionEntity) => Partial<FunctionEntity>): EditModule {
  const extended = withSignature(m, params, results);
  const one = functionOf(extended.m, id);
  const changed = withFunction(extended.m, { ...one, ...change(one), type: extended.type });
  return isTypeMentioned(changed, one.type) ? changed : { ...changed, types: changed.types.filter((group) => group.length > 1 || group[0]?.id !== one.type) };
}

/** Makes a parameter a local that begins at its default; calls drop the argument. */
export function maybeWithoutParameter(m: EditModule, id: number, parameter: number): EditModule | undefined {
  const one = m.functions.find((each) => each.id === id);
  if (one === undefined || one.from !== undefined) return undefined;
  const { params, results } = signatureOf(m, one.type);
  const gone = params[parameter];
  if (gone === undefined || maybeDefault(gone) === undefined) return undefined;
  const changes = callChanges(m, id, ({ list, at, operands }) => {
    const operand = operands[parameter];
    if (operand !== undefined) return [{ kind: 'code', list, from: operand.from, to: operand.to, by: [] }];
    return parameter === params.length - 1 ? [{ kind: 'code', list, from: at, to: at - 1, by: [instruction('drop')] }] : undefined;
  });
  if (changes === undefined) return undefined;
  const isUsed = localsIn(one.body).has(parameter);
  const last = params.length - 1 + one.locals.length;
  return withType(applyChanges(m, changes), id, { params: params.filter((_, place) => place !== parameter), results }, (now) => ({
    locals: isUsed ? [...now.locals, gone] : now.locals,
    body: renumberLocals(now.body, (local) => (local === parameter ? last : local > parameter ? local - 1 : local)),
  }));
}

/** Makes a function return nothing; calls push constants instead. */
export function maybeWithoutResults(m: EditModule, id: number): EditModule | undefined {
  const one = m.functions.find((each) => each.id === id);
  if (one === undefined || one.from !== undefined) return undefined;
  const { params, results } = signatureOf(m, one.type);
  const instead = maybeInstead([], results);
  if (results.length === 0 || instead === undefined) return undefined;
  const changes = callChanges(m, id, ({ list, at }) => [{ kind: 'code', list, from: at + 1, to: at, by: instead }]);
  if (changes === undefined) return undefined;
  const changed = applyChanges(m, changes);
  const fallen = maybeFallsThrough(changed, functionOf(changed, id).body, results);
  if (fallen === undefined) return undefined;
  return withType(fallen.m, id, { params, results: [] }, () => ({ body: [...fallen.body, ...results.map(() => instruction('drop'))] }));
}

/** Makes all parameters constants, or locals that begin with them where they are written to; calls drop their arguments. */
export function maybePinned(m: EditModule, id: number, values: readonly Instruction[]): EditModule | undefined {
  const one = m.functions.find((each) => each.id === id);
  if (one === undefined || one.from !== undefined) return undefined;
  const { params, results } = signatureOf(m, one.type);
  if (params.length === 0 || params.length !== values.length) return undefined;
  const changes = callChanges(m, id, ({ list, at }) => [{ kind: 'code', list, from: at, to: at - 1, by: params.map(() => instruction('drop')) }]);
  if (changes === undefined) return undefined;
  const written = new Set<number>();
  const read = new Set<number>();
  eachInstruction(one.body, ({ row, args }) => {
    if (row.opcode === opcode.localSet || row.opcode === opcode.localTee) written.add(Number(args[0]));
    if (row.opcode === opcode.localGet) read.add(Number(args[0]));
  });
  // What is never written may be the constant wherever it is read.
  const prologue = values.flatMap((value, local) => (read.has(local) && written.has(local) ? [value, instruction('local.set', local)] : []));
  const constants = (body: Code): Code => mapCode(body, (each) => (each.row.opcode === opcode.localGet && !written.has(Number(each.args[0])) ? (values[Number(each.args[0])] ?? each) : each));
  // Parameters come first among the locals, so that no local changes its number.
  return withType(applyChanges(m, changes), id, { params: [], results }, (now) => ({ locals: [...params, ...now.locals], body: [...prologue, ...constants(now.body)] }));
}

const importsFirst = <T extends { readonly from: unknown }>(list: readonly T[]): T[] => [...list.filter(({ from }) => from !== undefined), ...list.filter(({ from }) => from === undefined)];

/** The module with an imported function, table, memory or global of its own instead: a body of constants, or empty, or 0. */
export function maybeOwned(m: EditModule, kind: 'function' | 'table' | 'memory' | 'global', id: number): EditModule | undefined {
  switch (kind) {
    case 'function': {
      const one = functionOf(m, id);
      const body = maybeInstead([], signatureOf(m, one.type).results);
      return body === undefined ? undefined : { ...m, functions: importsFirst(m.functions.map((each) => (each.id === id ? { ...each, from: undefined, body } : each))) };
    }
    case 'global': {
      const plain = maybeDefault(m.globals.find((each) => each.id === id)?.type ?? '');
      return plain === undefined ? undefined : { ...m, globals: importsFirst(m.globals.map((each) => (each.id === id ? { ...each, from: undefined, initial: [plain] } : each))) };
    }
    case 'table': return { ...m, tables: importsFirst(m.tables.map((each) => (each.id === id ? { ...each, from: undefined } : each))) };
    case 'memory': return { ...m, memories: importsFirst(m.memories.map((each) => (each.id === id ? { ...each, from: undefined } : each))) };
  }
}

/** A constant instruction of a numeric type from its bits. */
export function constantOf(type: 'i32' | 'i64' | 'f32' | 'f64' | 'v128', bits: number | bigint): Instruction {
  switch (type) {
    case 'i32': return instruction('i32.const', Number(BigInt.asIntN(32, BigInt(bits))));
    case 'i64': return instruction('i64.const', BigInt.asIntN(64, BigInt(bits)));
    case 'f32': return instruction('f32.const', Number(BigInt.asUintN(32, BigInt(bits))));
    case 'f64': return instruction('f64.const', BigInt.asUintN(64, BigInt(bits)));
    case 'v128': {
      const bytes: Argument[] = Array.from({ length: 16 }, (_, place) => Number((BigInt(bits) >> BigInt(8 * place)) & 0xffn));
      return instruction('v128.const', ...bytes);
    }
  }
}
