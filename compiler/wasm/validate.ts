// Validates what lies outside function bodies (standard, chapter 3.4 "Modules"), and, for a whole module, every body too.
// Leaves: a module of which translation may believe every index and type.

import { type ModuleFault, moduleFaultOf } from '../base/errors.ts';
import { invalid } from './binary-reader.ts';
import { checkConstantExpression } from './constant-expressions.ts';
import { decodeModule } from './decode.ts';
import { FunctionValidator } from './function-validator.ts';
import { type ElementSegment, type Limits, type Module, valueTypes } from './module.ts';

const maxPages = 65536;
const maxTableElements = 2 ** 32 - 1;

/** Checks types, imports, definitions, exports and segments; bodies are left to `FunctionValidator`. Throws `InvalidModule` or `Unsupported`. */
export function validateModule(module: Module): void {
  const bodiesStart = module.bodies[0]?.start ?? module.bytes.length;
  module.imports.forEach((entry) => {
    if (entry.type.kind === 'function' && entry.type.type >= module.types.length) invalid(entry.offset, `unknown type ${entry.type.type}`);
  });
  for (const type of module.functions) if (type >= module.types.length) invalid(bodiesStart, `unknown type ${type}`);
  for (const table of module.tables) {
    if (table.min > maxTableElements || (table.max ?? 0) > maxTableElements) invalid(table.offset, 'table size must be at most 2^32-1');
    checkLimits(table);
  }
  for (const memory of module.memories) checkMemoryLimits(memory);
  for (const global of module.definedGlobals) checkConstantExpression(module, global.init, global.type);
  checkExports(module);
  checkStart(module);
  for (const segment of module.elements) checkElementSegment(module, segment);
  for (const segment of module.data) {
    if (segment.mode.mode !== 'active') continue;
    if (segment.mode.target >= module.memories.length) invalid(segment.offset, `unknown memory ${segment.mode.target}`);
    checkConstantExpression(module, segment.mode.offset, valueTypes.i32);
  }
}

function checkLimits(limits: Limits): void {
  if (limits.max !== undefined && limits.min > limits.max) invalid(limits.offset, 'size minimum must not be greater than maximum');
}

function checkMemoryLimits(limits: Limits): void {
  if (limits.min > maxPages || (limits.max ?? 0) > maxPages) invalid(limits.offset, 'memory size must be at most 65536 pages (4GiB)');
  checkLimits(limits);
}

function checkExports(module: Module): void {
  const counts = {
    function: module.functions.length,
    table: module.tables.length,
    memory: module.memories.length,
    global: module.globals.length,
  };
  const names = new Set<string>();
  for (const entry of module.exports) {
    if (entry.index >= counts[entry.kind]) invalid(entry.offset, `unknown ${entry.kind} ${entry.index}`);
    if (names.has(entry.name)) invalid(entry.offset, 'duplicate export name');
    names.add(entry.name);
  }
}

function checkStart(module: Module): void {
  if (module.start === undefined) return;
  const { index, offset } = module.start;
  const typeIndex = module.functions[index];
  if (typeIndex === undefined) return invalid(offset, `unknown function ${index}`);
  const type = module.types[typeIndex];
  if (type === undefined || type.params.length + type.results.length > 0) invalid(offset, 'start function must take and return nothing');
}

function checkElementSegment(module: Module, segment: ElementSegment): void {
  if ('functions' in segment.items) {
    for (const index of segment.items.functions)
      if (index >= module.functions.length) invalid(segment.offset, `unknown function ${index}`);
  } else for (const item of segment.items.expressions) checkConstantExpression(module, item, segment.type);
  if (segment.mode.mode !== 'active') return;
  const table = module.tables[segment.mode.target];
  if (table === undefined) return invalid(segment.offset, `unknown table ${segment.mode.target}`);
  if (table.element !== segment.type) invalid(segment.offset, 'type mismatch: segment and table differ');
  checkConstantExpression(module, segment.mode.offset, valueTypes.i32);
}

/** Checks every body of a module whose other parts are valid. */
export function validateBodies(module: Module): void {
  const validator = new FunctionValidator(module);
  for (let defined = 0; defined < module.bodies.length; defined++) {
    validator.begin(defined);
    do validator.step();
    while (!validator.done);
  }
}

/** The whole verdict on some bytes: undefined when valid and supported. */
export function validate(bytes: Uint8Array): ModuleFault | undefined {
  try {
    const module = decodeModule(bytes);
    validateModule(module);
    validateBodies(module);
    return undefined;
  } catch (error) {
    return moduleFaultOf(error);
  }
}
