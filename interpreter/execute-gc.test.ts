// Traps, packing and identity of structures, arrays and scalar references.
import { describe, expect, it } from 'vitest';
import { createStore, decode, i32, instantiate, invoke, validate } from './index.ts';
import type { Outcome } from './index.ts';
import { I32, I64, assemble, funcType, sleb } from './assemble.ts';
import type { Parts } from './assemble.ts';

/** Runs the only function of a module. */
function run(code: readonly number[], more: Partial<Parts> = {}): Outcome {
  const module = decode(assemble({ types: [funcType([], [I32]), ...(more.types ?? [])], functions: [0], exports: [['f', 0, 0]], bodies: [code], locals: more.locals ?? [] }));
  if (module.kind === 'malformed') throw new Error(`${module.message} at ${module.offset}`);
  const checked = validate(module);
  if (checked.kind !== 'checked') throw new Error(JSON.stringify(checked));
  const store = createStore();
  const result = instantiate(store, checked);
  const f = result.kind === 'instance' ? result.instance.exports.get('f') : undefined;
  if (f?.kind !== 'func') throw new Error(result.kind);
  return invoke(store, f, []);
}

const value = (x: number): Outcome => ({ kind: 'values', values: [i32(x)] });

describe('aggregates', () => {
  // Type 1: (array (mut i8)); type 2: (struct (field (mut i16)) (field i64)); type 3: (sub (struct)); type 4: (sub 3 (struct (field i32))).
  const types = [[0x5e, 0x78, 1], [0x5f, 2, 0x77, 1, I64, 0], [0x50, 0, 0x5f, 0], [0x50, 1, 3, 0x5f, 1, I32, 0]];
  const structNew = (x: number): number[] => [0x41, ...sleb(x), 0x42, 1, 0xfb, 0, 2];
  it('packed fields are cut on writing and extended on reading', () => {
    expect(run([...structNew(0x1_8001), 0xfb, 3, 2, 0], { types })).toEqual(value(0x8001 - 0x1_0000));
    expect(run([...structNew(0x1_8001), 0xfb, 4, 2, 0], { types })).toEqual(value(0x8001));
  });
  it.each([
    ['a null structure', [0xd0, 2, 0xfb, 4, 2, 0], 'null structure reference'],
    ['a null array', [0xd0, 1, 0xfb, 15], 'null array reference'],
    ['a null i31', [0xd0, 0x6c, 0xfb, 29], 'null i31 reference'],
    ['an index past the end', [0x41, 3, 0xfb, 7, 1, 0x41, 3, 0xfb, 13, 1], 'out of bounds array access'],
    ['a failed cast', [0xfb, 1, 3, 0xfb, 22, 4, 0x1a, 0x41, 0], 'cast failure'],
  ])('%s traps', (_, code, trap) => {
    expect(run(code, { types })).toMatchObject({ kind: 'trap', trap });
  });
  it('tests follow declared subtyping', () => {
    expect(run([0x41, 0, 0xfb, 0, 4, 0xfb, 20, 3], { types })).toEqual(value(1));
    expect(run([0xfb, 1, 3, 0xfb, 20, 4], { types })).toEqual(value(0));
  });
  it('structures have identity, scalar references are equal by value', () => {
    expect(run([...structNew(1), ...structNew(1), 0xd3], { types })).toEqual(value(0));
    expect(run([0x41, 5, 0xfb, 28, 0x41, 5, 0xfb, 28, 0xd3], { types })).toEqual(value(1));
  });
  it('a scalar reference keeps 31 bits', () => {
    expect(run([0x41, ...sleb(0x4000_0000), 0xfb, 28, 0xfb, 29], { types })).toEqual(value(-0x4000_0000));
    expect(run([0x41, ...sleb(-1), 0xfb, 28, 0xfb, 30], { types })).toEqual(value(0x7fff_ffff));
  });
  it('what goes out as extern comes back the same', () => {
    const code = [...structNew(1), 0x22, 0, 0xfb, 27, 0xfb, 26, 0xfb, 23, 0x6d, 0x20, 0, 0xd3];
    expect(run(code, { types, locals: [[1, 0x6d]] })).toEqual(value(1));
  });
});
