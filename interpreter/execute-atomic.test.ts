// Atomics with one thread: waiting, notifying, alignment, widths.
import { describe, expect, it } from 'vitest';
import { createStore, decode, i32, instantiate, invoke, validate } from './index.ts';
import type { Outcome } from './index.ts';
import { I32, assemble, funcType, sleb } from './assemble.ts';
import type { Parts } from './assemble.ts';

/** Runs the only function of a module. */
function run(code: readonly number[], more: Partial<Parts> = {}): Outcome {
  const module = decode(assemble({ types: [funcType([], [I32])], functions: [0], exports: [['f', 0, 0]], bodies: [code], memories: more.memories ?? [] }));
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

describe('atomics', () => {
  const shared = { memories: [[0x03, 1, 1]] };
  const plain = { memories: [[0x00, 1]] };
  const wait32 = (expected: number, timeout: number): number[] => [0x41, 0, 0x41, expected, 0x42, ...sleb(timeout), 0xfe, 0x01, 2, 0];
  it('wait answers 1 when the value differs and 2 when the time is over', () => {
    expect(run(wait32(7, 1000), shared)).toEqual(value(1));
    expect(run(wait32(0, 1000), shared)).toEqual(value(2));
  });
  it('wait without timeout would block for ever', () => {
    expect(run(wait32(0, -1), shared)).toMatchObject({ kind: 'exhaustion', reason: 'blocked for ever' });
  });
  it('wait needs a shared memory, notify does not', () => {
    expect(run(wait32(0, 0), plain)).toMatchObject({ kind: 'trap', trap: 'expected shared memory' });
    expect(run([0x41, 0, 0x41, 5, 0xfe, 0x00, 2, 0], plain)).toEqual(value(0));
  });
  it('an unaligned address traps', () => {
    expect(run([0x41, 2, 0xfe, 0x10, 2, 0], plain)).toMatchObject({ kind: 'trap', trap: 'unaligned atomic' });
  });
  it('narrow compare-exchange wraps what it expects and what it stores', () => {
    // memory[0] is 0; expected 0x100 wraps to 0 in one byte, and 0x1ff is stored as 0xff.
    const exchange = [0x41, 0, 0x41, ...sleb(0x100), 0x41, ...sleb(0x1ff), 0xfe, 0x4a, 0, 0, 0x1a, 0x41, 0, 0x28, 2, 0];
    expect(run(exchange, plain)).toEqual(value(0xff));
  });
});
