// Writes down what a loader must know of a module: the decoded module in the words of the contract, without bodies.

import { bug } from '../base/errors.ts';
import type * as contract from '../contract/manifest.ts';
import { type ConstantExpression, type ElementSegment, type Limits, type Module, type SegmentMode, valueTypeName } from '../wasm/module.ts';

/** The manifest of a valid module; data segments are views of the module's bytes. */
export function manifestOf(module: Module): contract.Manifest {
  return {
    types: module.types.map((type) => ({ params: Array.from(type.params, typeOf), results: Array.from(type.results, typeOf) })),
    imports: module.imports.map(({ module: from, name, type }) => ({ module: from, name, type: importTypeOf(type) })),
    functions: module.functions,
    tables: module.tables.map(tableOf),
    tableInits: module.tables.slice(module.importedTables).map(() => undefined),
    memories: module.memories.map(limitsOf),
    globals: module.globals.map(({ type, mutable }) => ({ type: typeOf(type), mutable })),
    globalInits: module.definedGlobals.map((global) => expressionOf(global.init)),
    exports: module.exports.map(({ name, kind, index }) => ({ name, kind, index })),
    start: module.start?.index,
    elements: module.elements.map((segment) => ({
      type: referenceOf(segment.type),
      items: itemsOf(segment),
      mode: modeOf(segment.mode),
    })),
    data: module.data.map((segment) => ({
      bytes: module.bytes.subarray(segment.start, segment.end),
      mode: modeOf(segment.mode),
    })),
    importedFunctions: module.importedFunctions,
    importedTables: module.importedTables,
    importedMemories: module.importedMemories,
    importedGlobals: module.importedGlobals,
  };
}

function typeOf(type: number): contract.ValueType {
  const name = valueTypeName(type);
  return name === 'bottom' ? bug('a type that is none in a valid module') : name;
}
function referenceOf(type: number): contract.ReferenceType {
  const name = typeOf(type);
  return name === 'funcref' || name === 'externref' ? name : bug(`${name} is no reference type`);
}
function limitsOf({ min, max }: Limits): contract.Limits {
  return { min, max };
}
function tableOf(table: Module['tables'][number]): contract.TableType {
  return { element: referenceOf(table.element), ...limitsOf(table) };
}

function importTypeOf(type: Module['imports'][number]['type']): contract.ExternType {
  switch (type.kind) {
    case 'function':
      return { kind: 'function', type: type.type };
    case 'table':
      return { kind: 'table', type: tableOf(type.type) };
    case 'memory':
      return { kind: 'memory', type: limitsOf(type.type) };
    case 'global':
      return { kind: 'global', type: { type: typeOf(type.type.type), mutable: type.type.mutable } };
  }
}

function expressionOf(expression: ConstantExpression): contract.ConstantExpression {
  return expression.steps.map((step): contract.ConstantStep => {
    switch (step.op) {
      case 'i32.const':
      case 'f32.const':
        return { op: step.op, bits: step.bits };
      case 'i64.const':
      case 'f64.const':
        return { op: step.op, bits: step.bits };
      case 'ref.null':
        return { op: step.op, type: referenceOf(step.type) };
      case 'ref.func':
      case 'global.get':
        return { op: step.op, index: step.index };
      default:
        return { op: step.op };
    }
  });
}

function modeOf(mode: SegmentMode): contract.SegmentMode {
  return mode.mode === 'active' ? { mode: 'active', target: mode.target, offset: expressionOf(mode.offset) } : { mode: mode.mode };
}

function itemsOf(segment: ElementSegment): readonly contract.ConstantExpression[] {
  if ('expressions' in segment.items) return segment.items.expressions.map(expressionOf);
  return Array.from(segment.items.functions, (index): contract.ConstantExpression => [{ op: 'ref.func', index }]);
}
