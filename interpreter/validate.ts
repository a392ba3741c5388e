// Checks a whole module and makes its typing context.
// Chapter: "Validation", section "Modules".
import { InvalidModule, UnsupportedModule } from './outcome.ts';
import type { Invalid, Unsupported } from './outcome.ts';
import type { CheckedModule, Context } from './context.ts';
import { identityOf, resolveType } from './context.ts';
import type { Expression, Module } from './syntax.ts';
import type { GlobalType, TableType } from './types.ts';
import { I32, I64, isDefaultable } from './types.ts';
import { checkLimits, checkTypes } from './validate-types.ts';
import { checkBody, checkConstant } from './validate-code.ts';
import { Reader } from './reader.ts';
import { readInstruction, skipImmediate } from './decode-code.ts';

const REF_FUNC = 0xd2;

/** Functions named by `ref.func` in a constant expression. */
function namedFunctions(module: Module, expression: Expression, into: Set<number>): void {
  const r = new Reader(module.bytes, expression.start, expression.end);
  const facts = { firstDataUse: -1 };
  while (!r.atEnd()) {
    const instruction = readInstruction(r);
    if (instruction.opcode === REF_FUNC) into.add(r.u32());
    else skipImmediate(r, instruction.immediate, facts);
  }
}

/** The standard's C.refs: functions that occur in the module outside its bodies and its start. */
function declaredFunctions(module: Module): Set<number> {
  const declared = new Set<number>();
  for (const { kind, index } of module.exports) if (kind === 'func') declared.add(index);
  for (const { initial } of module.globals) if (initial !== undefined) namedFunctions(module, initial, declared);
  for (const { initial } of module.tables) if (initial !== undefined) namedFunctions(module, initial, declared);
  for (const segment of module.elements) {
    for (const index of segment.functions ?? []) declared.add(index);
    for (const expression of segment.expressions ?? []) namedFunctions(module, expression, declared);
    if (segment.at !== undefined) namedFunctions(module, segment.at, declared);
  }
  for (const { at } of module.datas) if (at !== undefined) namedFunctions(module, at, declared);
  return declared;
}

function checkMemories(module: Module): void {
  for (const { limits, offset } of module.memories) {
    if (limits.wide) checkLimits(limits, 1n << 48n, 'memory size must be at most 2^48 pages (2^64 bytes)', offset);
    else checkLimits(limits, 1n << 16n, 'memory size must be at most 65536 pages (4GiB)', offset);
    if (limits.shared && limits.maximum === undefined) throw new InvalidModule(offset, 'shared memory must have maximum');
  }
}

function makeContext(module: Module): Context {
  const { space, identities } = checkTypes(module);
  const context: Context = {
    module, space, identities, functions: [], tags: [], tables: [], globals: [], elements: [],
    declared: declaredFunctions(module), visibleGlobals: 0,
  };
  const functionType = (typeIndex: number, offset: number): number => {
    const id = identityOf(context, typeIndex, offset);
    if (space.definition(id).composite.kind !== 'func') throw new InvalidModule(offset, `type mismatch: type ${typeIndex} is not a function type`);
    return id;
  };
  const functionImports = module.imports.filter((i) => i.type.kind === 'func');
  const functions = module.functions.map((typeIndex, i) => functionType(typeIndex, functionImports[i]?.offset ?? module.bodies[i - module.importedFunctions]?.offset ?? 0));
  const tags = module.tags.map(({ typeIndex, offset }) => {
    const id = functionType(typeIndex, offset);
    if (space.func(id).results.length > 0) throw new InvalidModule(offset, 'non-empty tag result type');
    return id;
  });
  const tables: TableType[] = module.tables.map(({ type, offset }) => {
    checkLimits(type.limits, type.limits.wide ? (1n << 64n) - 1n : (1n << 32n) - 1n, 'table size must be at most 2^32-1', offset);
    return { limits: type.limits, element: resolveType(context, type.element, offset) };
  });
  checkMemories(module);
  const globals: GlobalType[] = module.globals.map(({ type, offset }) => ({ mutable: type.mutable, type: resolveType(context, type.type, offset) }));
  const elements = module.elements.map(({ type, offset }) => resolveType(context, type, offset));
  return { ...context, functions, tags, tables, globals, elements };
}

function checkGlobals(context: Context): void {
  context.module.globals.forEach(({ initial }, i) => {
    context.visibleGlobals = i;
    const type = context.globals[i];
    if (initial !== undefined && type !== undefined) checkConstant(context, initial, type.type);
  });
}

function checkTables(context: Context): void {
  const { module } = context;
  const imported = module.imports.filter((i) => i.type.kind === 'table').length;
  // Tables are checked in the context that knows imported globals only.
  context.visibleGlobals = module.importedGlobals;
  module.tables.forEach(({ initial, offset }, i) => {
    const type = context.tables[i];
    if (type === undefined || i < imported) return;
    if (initial !== undefined) checkConstant(context, initial, type.element);
    else if (!isDefaultable(type.element)) throw new InvalidModule(offset, 'type mismatch: table of non-defaultable references needs an initializer');
  });
  context.visibleGlobals = context.globals.length;
}

function checkElements(context: Context): void {
  const { module, space } = context;
  module.elements.forEach((segment, i) => {
    const type = context.elements[i] ?? 0;
    for (const index of segment.functions ?? []) {
      if (context.functions[index] === undefined) throw new InvalidModule(segment.offset, `unknown function ${index}`);
    }
    for (const expression of segment.expressions ?? []) checkConstant(context, expression, type);
    if (segment.mode !== 'active' || segment.at === undefined) return;
    const table = context.tables[segment.table];
    if (table === undefined) throw new InvalidModule(segment.offset, `unknown table ${segment.table}`);
    if (!space.matches(type, table.element)) throw new InvalidModule(segment.offset, 'type mismatch: segment does not fit the table');
    checkConstant(context, segment.at, table.limits.wide ? I64 : I32);
  });
}

function checkDatas(context: Context): void {
  for (const segment of context.module.datas) {
    if (segment.at === undefined) continue;
    const memory = context.module.memories[segment.memory];
    if (memory === undefined) throw new InvalidModule(segment.offset, `unknown memory ${segment.memory}`);
    checkConstant(context, segment.at, memory.limits.wide ? I64 : I32);
  }
}

function checkStart(context: Context): void {
  const { start } = context.module;
  if (start === undefined) return;
  const id = context.functions[start.func];
  if (id === undefined) throw new InvalidModule(start.offset, `unknown function ${start.func}`);
  const { params, results } = context.space.func(id);
  if (params.length > 0 || results.length > 0) throw new InvalidModule(start.offset, 'start function');
}

function checkExports(context: Context): void {
  const { module } = context;
  const names = new Set<string>();
  const sizes = { func: context.functions.length, table: context.tables.length, memory: module.memories.length, global: context.globals.length, tag: context.tags.length };
  for (const { name, kind, index, offset } of module.exports) {
    if (index >= sizes[kind]) throw new InvalidModule(offset, `unknown ${kind === 'func' ? 'function' : kind} ${index}`);
    if (names.has(name)) throw new InvalidModule(offset, 'duplicate export name');
    names.add(name);
  }
}

/** Validates a decoded module. */
export function validateModule(module: Module): CheckedModule | Invalid | Unsupported {
  try {
    const context = makeContext(module);
    checkGlobals(context);
    checkTables(context);
    checkElements(context);
    checkDatas(context);
    checkStart(context);
    checkExports(context);
    for (const body of module.bodies) checkBody(context, body);
    return { kind: 'checked', context };
  } catch (error) {
    if (error instanceof InvalidModule) return { kind: 'invalid', offset: error.offset, message: error.message };
    if (error instanceof UnsupportedModule) return { kind: 'unsupported', offset: error.offset, feature: error.feature };
    throw error;
  }
}
