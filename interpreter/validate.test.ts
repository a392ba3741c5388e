// The validator on one-function modules: what must be refused, where, and in which words; and the corners of polymorphic stacks.
import { describe, expect, it } from 'vitest';
import { decode, validate } from './index.ts';
import type { Invalid, Unsupported, CheckedModule } from './index.ts';
import { I32, I64, assemble, funcType } from './assemble.ts';
import type { Parts } from './assemble.ts';

function verdict(parts: Parts): CheckedModule | Invalid | Unsupported {
  const module = decode(assemble(parts));
  if (module.kind === 'malformed') throw new Error(module.message);
  return validate(module);
}

function body(code: readonly number[], results: readonly number[] = []): CheckedModule | Invalid | Unsupported {
  return verdict({ types: [funcType([], results)], functions: [0], bodies: [code] });
}

/** Offset of the first instruction of `body` without results and with one. */
const plainStart = 23;
const resultStart = 24;

describe('bodies', () => {
  it.each([
    ['an operand missing', [0x45, 0x1a], 'type mismatch: expected i32, operand missing', plainStart],
    ['an operand of another type', [0x42, 0x00, 0x45, 0x1a], 'type mismatch: expected i32, found i64', plainStart + 2],
    ['values left over', [0x41, 0x00], 'type mismatch: values remaining on stack at end of block, expected []', plainStart + 2],
    ['an unknown local', [0x20, 0x00, 0x1a], 'unknown local 0', plainStart],
    ['an unknown label', [0x0c, 0x01], 'unknown label 1', plainStart],
    ['an unknown function', [0x10, 0x07], 'unknown function 7', plainStart],
    ['an unknown memory', [0x3f, 0x00, 0x1a], 'unknown memory 0', plainStart],
    ['an unknown global', [0x23, 0x00, 0x1a], 'unknown global 0', plainStart],
    ['a function reference nobody declared', [0xd2, 0x00, 0x1a], 'undeclared function reference', plainStart],
  ])('refuses %s', (_, code, message, offset) => {
    expect(body(code)).toEqual({ kind: 'invalid', message, offset });
  });
  it('refuses an if without else that must give a value', () => {
    expect(body([0x41, 0x00, 0x04, I32, 0x41, 0x00, 0x0b], [I32])).toMatchObject({ kind: 'invalid', message: 'type mismatch: if without else', offset: resultStart + 6 });
  });
  it('refuses arms of a br_table with different arities', () => {
    const code = [0x02, 0x40, 0x41, 0x00, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x01, 0x0b, 0x41, 0x00];
    expect(body(code, [I32])).toMatchObject({ kind: 'invalid', message: 'type mismatch: br_table labels have different arities' });
  });
  it.each([
    ['any operands after unreachable', [0x00, 0x6a, 0x1a]],
    ['a select of unknown operands', [0x00, 0x1b, 0x1a]],
    ['a select of one known operand', [0x00, 0x41, 0x00, 0x41, 0x00, 0x1b, 0x1a]],
    ['a branch that leaves more than it takes', [0x41, 0x00, 0x02, 0x40, 0x41, 0x01, 0x0c, 0x01, 0x0b, 0x1a]],
    ['a null test of an unknown operand', [0x00, 0xd1, 0x1a]],
  ])('accepts %s', (_, code) => {
    expect(body(code).kind).toBe('checked');
  });
  it('does not let bottom hide a wrong type', () => {
    expect(body([0x00, 0x42, 0x00, 0x6a, 0x1a])).toMatchObject({ kind: 'invalid', message: 'type mismatch: expected i32, found i64' });
  });
});

describe('locals without default', () => {
  // (type (func)) and one local of type (ref 0), which must be set before it is read, on every path.
  const withLocal = (code: readonly number[]): unknown => {
    const locals = [0x01, 0x01, 0x64, 0x00];
    const module = assemble({ types: [funcType([], [])], functions: [0], exports: [['f', 0, 0]], bodies: [[]] });
    const bytes = [...locals, ...code, 0x0b];
    const head = module.subarray(0, module.length - 5);
    const decoded = decode(Uint8Array.from([...head, bytes.length + 2, 0x01, bytes.length, ...bytes]));
    if (decoded.kind === 'malformed') throw new Error(decoded.message);
    return validate(decoded);
  };
  it('refuses to read it unset', () => {
    expect(withLocal([0x20, 0x00, 0x1a])).toMatchObject({ kind: 'invalid', message: 'uninitialized local 0' });
  });
  it('accepts to read it set', () => {
    expect(withLocal([0xd2, 0x00, 0x21, 0x00, 0x20, 0x00, 0x1a])).toMatchObject({ kind: 'checked' });
  });
  it('forgets at the end of a block what was set inside', () => {
    expect(withLocal([0x02, 0x40, 0xd2, 0x00, 0x21, 0x00, 0x0b, 0x20, 0x00, 0x1a])).toMatchObject({ kind: 'invalid', message: 'uninitialized local 0' });
  });
});

describe('modules', () => {
  const f = funcType([], []);
  it.each([
    ['a duplicate export', { types: [f], functions: [0], bodies: [[]], exports: [['a', 0, 0], ['a', 0, 0]] }, 'duplicate export name'],
    ['an export of nothing', { types: [], exports: [['a', 2, 0]] }, 'unknown memory 0'],
    ['a memory beyond 4 GiB', { types: [], memories: [[0x00, 0x81, 0x80, 0x04]] }, 'memory size must be at most 65536 pages (4GiB)'],
    ['a maximum below the minimum', { types: [], memories: [[0x01, 0x02, 0x01]] }, 'size minimum must not be greater than maximum'],
    ['a shared memory without maximum', { types: [], memories: [[0x02, 0x01]] }, 'shared memory must have maximum'],
    ['a global of the wrong type', { types: [], globals: [[I64, 0x00, 0x41, 0x00, 0x0b]] }, 'type mismatch: expected i64, found i32'],
    ['a global that calls', { types: [f], functions: [0], bodies: [[]], globals: [[I32, 0x00, 0x10, 0x00, 0x0b]] }, 'constant expression required'],
    ['a global that looks forward', { types: [], globals: [[I32, 0x00, 0x23, 0x01, 0x0b], [I32, 0x00, 0x41, 0x00, 0x0b]] }, 'unknown global 1'],
    ['a tag with results', { types: [funcType([], [I32])], tags: [0] }, 'non-empty tag result type'],
    ['a subtype of a final type', { types: [f, [0x50, 0x01, 0x00, ...f]] }, 'sub type 1 does not match super type: super type is final'],
    ['a table without value for its elements', { types: [f], tables: [[0x64, 0x00, 0x00, 0x01]] }, 'type mismatch: table of non-defaultable references needs an initializer'],
  ] satisfies [string, Parts, string][])('refuses %s', (_, parts, message) => {
    expect(verdict(parts)).toMatchObject({ kind: 'invalid', message });
  });
  it('calls a function with too many locals unsupported', () => {
    expect(verdict({ types: [f], functions: [0], bodies: [[]], locals: [[50_001, I32]] })).toMatchObject({ kind: 'unsupported', feature: 'more than 50000 locals' });
  });
});
