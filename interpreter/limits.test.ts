// Modules of extreme shapes and programs without end: they work or are exhausted, and the store works afterwards.
import { expect, it } from 'vitest';
import { I32, assemble, funcType, leb, section, sleb, vector } from './assemble.ts';
import { createFunction, createStore, decode, fuelSpent, instantiate, invoke, validate } from './index.ts';
import type { ImportResolver } from './instantiate.ts';
import type { CheckedModule, Instance, Store } from './index.ts';

function checked(bytes: Uint8Array): CheckedModule {
  const module = decode(bytes);
  if (module.kind === 'malformed') throw new Error(module.message);
  const result = validate(module);
  if (result.kind !== 'checked') throw new Error(JSON.stringify(result));
  return result;
}

function instanceOf(store: Store, bytes: Uint8Array, imports?: ImportResolver): Instance {
  const result = instantiate(store, checked(bytes), imports);
  if (result.kind !== 'instance') throw new Error(result.kind);
  return result.instance;
}

function callNamed(store: Store, instance: Instance, name: string, fuel?: number): ReturnType<typeof invoke> {
  const func = instance.exports.get(name);
  if (func?.kind !== 'func') throw new Error(`no function ${name}`);
  return invoke(store, func, [], fuel === undefined ? {} : { fuel });
}

const types = [funcType([], []), funcType([], [I32])];

it('an endless loop uses exactly the fuel it is given', () => {
  const store = createStore();
  const instance = instanceOf(store, assemble({ types, functions: [0], exports: [['f', 0, 0]], bodies: [[0x03, 0x40, 0x0c, 0, 0x0b]] }));
  expect(callNamed(store, instance, 'f', 123_456)).toMatchObject({ kind: 'exhaustion', reason: 'fuel exhausted' });
  expect(fuelSpent(store)).toBe(123_456);
});

it('a start function that calls itself is exhaustion', () => {
  const bytes = Uint8Array.from([...assemble({ types, functions: [0] }), ...section(8, [0]), ...section(10, vector([[4, 0, 0x10, 0, 0x0b]]))]);
  expect(instantiate(createStore(), checked(bytes))).toMatchObject({ kind: 'exhaustion', reason: 'call stack exhausted' });
});

it('wasm → host → wasm → … is exhaustion, whatever the host does between', () => {
  const store = createStore();
  let again = (): void => undefined;
  const host = createFunction(store, [], [], () => {
    again();
    return [];
  });
  const instance = instanceOf(store, assemble({ types, imports: [[1, 0x68, 1, 0x68, 0, 0]], functions: [0], exports: [['f', 0, 1]], bodies: [[0x10, 0]] }), () => host);
  const kinds: string[] = [];
  again = () => {
    const outcome = callNamed(store, instance, 'f');
    kinds.push(outcome.kind);
  };
  expect(callNamed(store, instance, 'f').kind).toBe('values');
  // The innermost ran out; those around it saw that as a value and went on.
  expect(kinds[0]).toBe('exhaustion');
  expect(kinds.slice(1).every((kind) => kind === 'values')).toBe(true);
});

it('a br_table with 200,000 labels', () => {
  const store = createStore();
  const body = [0x02, 0x40, 0x41, ...sleb(-1), 0x0e, ...leb(200_000)];
  for (let i = 0; i <= 200_000; i++) body.push(0);
  for (const byte of [0x0b, 0x41, 7]) body.push(byte);
  const bytes = assemble({ types, functions: [1], exports: [['f', 0, 0]], bodies: [body] });
  expect(callNamed(store, instanceOf(store, bytes), 'f')).toEqual({ kind: 'values', values: [{ type: 'i32', value: 7 }] });
});

it('a constant expression of 50,000 additions', () => {
  const store = createStore();
  const expression = [I32, 0, 0x41, 0];
  for (let i = 0; i < 50_000; i++) expression.push(0x41, 1);
  for (let i = 0; i < 50_000; i++) expression.push(0x6a);
  expression.push(0x0b);
  const instance = instanceOf(store, assemble({ types, globals: [expression], functions: [1], exports: [['f', 0, 0]], bodies: [[0x23, 0]] }));
  expect(callNamed(store, instance, 'f')).toEqual({ kind: 'values', values: [{ type: 'i32', value: 50_000 }] });
});

it('a module of 100 MB is decoded and validated, and its last function, of a million instructions, run', () => {
  // Large constants make the most of the bytes; written in place, since lists of numbers would not fit.
  const fillers = 99;
  const filler = { pattern: [0xfd, 0x0c, ...new Array<number>(16).fill(1), 0x1a], count: 52_600 };
  const million = { pattern: [0x41, 0, 0x1a], count: 500_000 };
  const sizeOf = ({ pattern, count }: typeof filler): number => 1 + pattern.length * count + 1;
  const entrySize = (body: typeof filler): number => leb(sizeOf(body)).length + sizeOf(body);
  const head = assemble({ types, functions: new Array<number>(fillers + 1).fill(0), exports: [['f', 0, fillers]] });
  const codeSize = leb(fillers + 1).length + fillers * entrySize(filler) + entrySize(million);
  const bytes = new Uint8Array(head.length + 1 + leb(codeSize).length + codeSize);
  let at = 0;
  const put = (values: readonly number[] | Uint8Array): void => {
    bytes.set(values, at);
    at += values.length;
  };
  const putBody = (body: typeof filler): void => {
    put([...leb(sizeOf(body)), 0]);
    const start = at;
    const length = body.pattern.length * body.count;
    put(body.pattern);
    // What is there is doubled until all is there.
    for (let done = body.pattern.length; done < length; done *= 2) bytes.copyWithin(start + done, start, start + Math.min(done, length - done));
    at = start + length;
    put([0x0b]);
  };
  put(head);
  put([10, ...leb(codeSize), ...leb(fillers + 1)]);
  for (let i = 0; i < fillers; i++) putBody(filler);
  putBody(million);
  expect(at).toBe(bytes.length);
  expect(bytes.length).toBeGreaterThan(100_000_000);
  const store = createStore();
  expect(callNamed(store, instanceOf(store, bytes), 'f')).toEqual({ kind: 'values', values: [] });
  expect(fuelSpent(store)).toBe(1_000_001);
}, 60_000);
