// Values to the bit, outcomes in the words of the suite, snapshots: what the V8 adapter adds to V8.

import { describe, expect, it } from 'vitest';
import { parseText } from '../../wast/text.ts';
import { HostExit, HostTrap, type EngineInstance, type EngineStore, type ImportResolver, type InstantiateResult } from '../engine.ts';
import type { Value } from '../value.ts';
import { v8Engine } from './v8.ts';

async function instantiate(store: EngineStore, text: string, imports: ImportResolver = () => undefined): Promise<InstantiateResult> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  const compiled = store.compile(parsed.bytes);
  if (compiled.kind !== 'compiled') throw new Error(JSON.stringify(compiled));
  return store.instantiate(compiled.module, imports);
}

async function instanceOf(store: EngineStore, text: string, imports: ImportResolver = () => undefined): Promise<EngineInstance> {
  const result = await instantiate(store, text, imports);
  if (result.kind !== 'instance') throw new Error(JSON.stringify(result));
  return result.instance;
}

const f32 = (bits: number): Value => ({ type: 'f32', bits });
const f64 = (bits: bigint): Value => ({ type: 'f64', bits });
const v128 = (bits: bigint): Value => ({ type: 'v128', bits });
const i32 = (bits: number): Value => ({ type: 'i32', bits });

describe('values cross to the bit', () => {
  it('as parameters, results and globals', async () => {
    const store = v8Engine.openStore();
    const instance = await instanceOf(store, `(module
      (global (export "g") f32 (f32.const nan:0x200001)) (global (export "h") (mut f64) (f64.const nan:0x4000000000001)) (global (export "v") v128 (v128.const i64x2 -1 2))
      (func (export "swap") (param f32 f64 v128 i64) (result v128 i64 f64 f32) local.get 2 local.get 3 local.get 1 local.get 0)
      (func (export "one") (param v128) (result v128) local.get 0))`);
    const lane = 0x0123456789abcdef_fedcba9876543210n;
    const args = [f32(0x7fa00001), f64(0xfff4000000000001n), v128(lane), { type: 'i64', bits: -5n } as const];
    expect(instance.invoke('swap', args)).toEqual({ kind: 'values', values: [args[2], args[3], args[1], args[0]] });
    expect(instance.invoke('one', [v128(lane)])).toEqual({ kind: 'values', values: [v128(lane)] });
    expect(instance.readGlobal('g')).toEqual(f32(0x7fa00001));
    expect(instance.readGlobal('h')).toEqual(f64(0x7ff4000000000001n));
    expect(instance.readGlobal('v')).toEqual(v128((2n << 64n) | 0xffffffffffffffffn));
  });

  it.for([false, true])('also by the short way, but for which NaN a result is (any will do: %s)', async (anyNaN) => {
    const store = v8Engine.openStore({ anyNaN });
    const instance = await instanceOf(store, `(module
      (func (export "bits") (param f32 f64 externref) (result i32 i64 externref) (i32.reinterpret_f32 (local.get 0)) (i64.reinterpret_f64 (local.get 1)) (local.get 2))
      (func (export "floats") (param i32 i64) (result f32 f64) (f32.reinterpret_i32 (local.get 0)) (f64.reinterpret_i64 (local.get 1)))
      (func (export "float") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0))))`);
    const external: Value = { type: 'ref', kind: 'extern', id: 3 };
    const exact = [[0, 0n], [0x80000000, 1n << 63n], [1, 1n], [0x7f800000, 0xfff0000000000000n], [0x3eaaaaab, 0x3fd5555555555555n], [0x7f7fffff, 0x7fefffffffffffffn]] as const;
    const nans = [[0x7fc00000, 0x7ff8000000000000n], [0x7fa00001, 0xfff4000000000001n], [0xffc00000, 0x7ff0000000000001n]] as const;
    for (const [single, double] of [...exact, ...nans]) {
      const signed = { single: i32(single | 0), double: { type: 'i64', bits: BigInt.asIntN(64, double) } } as const;
      expect(instance.invoke('bits', [f32(single), f64(double), external])).toEqual({ kind: 'values', values: [signed.single, signed.double, external] });
      const isShown = !anyNaN || exact.some(([known]) => known === single);
      const shown = isShown ? [f32(single), f64(double)] : [f32(0x7fc00000), f64(0x7ff8000000000000n)];
      expect(instance.invoke('floats', [signed.single, signed.double])).toEqual({ kind: 'values', values: shown });
      expect(instance.invoke('float', [signed.single])).toEqual({ kind: 'values', values: shown.slice(0, 1) });
    }
  });

  it('through host functions and host globals', async () => {
    const store = v8Engine.openStore();
    const seen: Value[][] = [];
    const signalling = f32(0x7f800001);
    const host = store.hostFunction({ params: ['f32', 'v128', 'externref'], results: ['v128', 'f32', 'externref'] }, (args) => {
      seen.push([...args]);
      return [args[1] ?? i32(0), args[0] ?? i32(0), args[2] ?? i32(0)];
    });
    const global = store.hostGlobal('f64', false, f64(0xfff0000000000001n));
    const instance = await instanceOf(
      store,
      `(module (import "m" "f" (func $f (param f32 v128 externref) (result v128 f32 externref))) (import "m" "g" (global $g f64))
        (func (export "go") (param externref) (result v128 f32 externref f64)
          (call $f (f32.reinterpret_i32 (i32.const 0x7f800001)) (v128.const i64x2 1 2) (local.get 0)) (global.get $g)))`,
      (_, name) => (name === 'f' ? host : global),
    );
    const external: Value = { type: 'ref', kind: 'extern', id: 7 };
    const vector = v128((2n << 64n) | 1n);
    expect(instance.invoke('go', [external])).toEqual({ kind: 'values', values: [vector, signalling, external, f64(0xfff0000000000001n)] });
    expect(seen).toEqual([[signalling, vector, external]]);
  });

  it('for types that only their module can name', async () => {
    const store = v8Engine.openStore();
    const instance = await instanceOf(store, `(module (rec (type $s (struct (field f32))) (type $f (func (param f32 (ref null $s)) (result (ref null $s) f32))))
      (func (export "f") (type $f) (if (result (ref null $s)) (ref.is_null (local.get 1)) (then (struct.new $s (local.get 0))) (else (local.get 1))) (local.get 0))
      (func (export "any") (param anyref) (result anyref) (local.get 0))
      (func (export "ext") (param externref) (result anyref) (any.convert_extern (local.get 0))))`);
    const outcome = instance.invoke('f', [f32(0x7fa00001), { type: 'ref', kind: 'null' }]);
    expect(outcome).toMatchObject({ kind: 'values', values: [{ type: 'ref', kind: 'struct' }, f32(0x7fa00001)] });
    expect(instance.invoke('any', [{ type: 'ref', kind: 'i31', value: -3 }])).toEqual({ kind: 'values', values: [{ type: 'ref', kind: 'i31', value: -3 }] });
    expect(instance.invoke('ext', [{ type: 'ref', kind: 'extern', id: 2 }])).toEqual({ kind: 'values', values: [{ type: 'ref', kind: 'extern', id: 2 }] });
  });
});

describe('outcomes', () => {
  it('names traps in the words of the suite', async () => {
    const store = v8Engine.openStore();
    const instance = await instanceOf(store, `(module (memory 1) (table 1 funcref)
      (func (export "unreachable") unreachable) (func (export "div") (drop (i32.div_s (i32.const 1) (i32.const 0))))
      (func (export "load") (drop (i32.load (i32.const -1)))) (func (export "call") (call_indirect (i32.const 9)))
      (func $deep (export "deep") (call $deep)))`);
    expect(instance.invoke('unreachable', [])).toEqual({ kind: 'trap', trap: 'unreachable' });
    expect(instance.invoke('div', [])).toEqual({ kind: 'trap', trap: 'integer divide by zero' });
    expect(instance.invoke('load', [])).toEqual({ kind: 'trap', trap: 'out of bounds memory access' });
    expect(instance.invoke('call', [])).toMatchObject({ kind: 'trap', trap: undefined });
    expect(instance.invoke('deep', [])).toEqual({ kind: 'exhaustion', what: 'stack' });
  });

  it('keeps host errors from the module own handlers', async () => {
    const store = v8Engine.openStore();
    const broken = new Error('broken harness');
    const fail = store.hostFunction({ params: ['i32'], results: ['f32'] }, ([which]) => {
      if (which?.type === 'i32' && which.bits === 0) throw new HostExit(42);
      if (which?.type === 'i32' && which.bits === 1) throw new HostTrap('of the host');
      throw broken;
    });
    const instance = await instanceOf(
      store,
      '(module (import "m" "f" (func $f (param i32) (result f32))) (func (export "go") (param i32) (block (try_table (catch_all 0) (drop (call $f (local.get 0)))))))',
      () => fail,
    );
    expect(instance.invoke('go', [i32(0)])).toEqual({ kind: 'exit', code: 42 });
    expect(instance.invoke('go', [i32(1)])).toEqual({ kind: 'trap', trap: 'of the host' });
    let thrown: unknown;
    try {
      instance.invoke('go', [i32(2)]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(broken);
  });

  it('shows exceptions with what they carry', async () => {
    const store = v8Engine.openStore();
    const instance = await instanceOf(store, `(module (tag $t (export "tag") (param f32 v128))
      (func (export "throw") (throw $t (f32.reinterpret_i32 (i32.const 0x7f800001)) (v128.const i64x2 3 4))))`);
    expect(instance.invoke('throw', [])).toEqual({ kind: 'exception', tag: 'tag', values: [f32(0x7f800001), v128((4n << 64n) | 3n)] });
  });

  it('tells link errors from traps at instantiation', async () => {
    const store = v8Engine.openStore();
    const text = '(module (import "m" "f" (func (param i32))))';
    expect(await instantiate(store, text)).toEqual({ kind: 'link', message: 'unknown import' });
    const other = store.hostFunction({ params: ['i64'], results: [] }, () => []);
    expect(await instantiate(store, text, () => other)).toEqual({ kind: 'link', message: 'incompatible import type' });
    expect(await instantiate(store, '(module (memory 1) (data (i32.const 65536) "a"))')).toMatchObject({
      kind: 'stopped', outcome: { kind: 'trap', trap: 'out of bounds memory access' },
    });
    expect(await instantiate(store, '(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))')).toMatchObject({
      kind: 'stopped', outcome: { kind: 'trap', trap: 'out of bounds table access' },
    });
  });
});

describe('snapshots', () => {
  it('exist when all state is exported', async () => {
    const store = v8Engine.openStore();
    const host = store.hostFunction({ params: [], results: [] }, () => []);
    const instance = await instanceOf(
      store,
      `(module (import "m" "f" (func $h)) (func $a) (func $b) (table (export "t") 4 funcref) (elem (i32.const 0) $b $h $a)
        (memory (export "m") 1) (data (i32.const 2) "hi") (global (export "g") (mut i64) (i64.const -1)))`,
      () => host,
    );
    const snapshot = instance.maybeSnapshot();
    expect(snapshot?.tables).toEqual([[2, 0, 1].map((handle): unknown => ({ type: 'ref', kind: 'function', handle })).concat({ type: 'ref', kind: 'null' })]);
    expect([...(snapshot?.memories[0]?.subarray(0, 5) ?? [])]).toEqual([0, 0, 104, 105, 0]);
    expect(snapshot?.globals).toEqual([{ type: 'i64', bits: -1n }]);
    const hidden = await instanceOf(store, '(module (memory 1))');
    expect(hidden.maybeSnapshot()).toBeUndefined();
  });

  it('share memories and tables between instances', async () => {
    const store = v8Engine.openStore();
    const memory = store.hostMemory(1, 2);
    const table = store.hostTable('funcref', 1, 1);
    const text = `(module (import "m" "memory" (memory 1 2)) (import "m" "table" (table 1 funcref)) (func $f (export "f") (result i32) (i32.load (i32.const 8))) (elem (i32.const 0) $f))`;
    await instanceOf(store, text, (_, name) => (name === 'memory' ? memory : table));
    const second = await instanceOf(store, `(module (import "m" "table" (table 1 funcref)) (type $t (func (result i32))) (func (export "call") (result i32) (call_indirect (type $t) (i32.const 0))))`, () => table);
    store.readMemory(memory).bytes()[8] = 77;
    expect(second.invoke('call', [])).toEqual({ kind: 'values', values: [i32(77)] });
  });
});

it('refuses in values, with offsets', () => {
  const store = v8Engine.openStore();
  expect(store.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 5, 4, 1, 0, 128, 128]))).toMatchObject({ kind: 'invalid', offset: 14 });
});

it('tells tags of one name in different modules apart', async () => {
  const store = v8Engine.openStore();
  await instanceOf(store, '(module (tag (export "e0") (param i32)))');
  const second = await instanceOf(store, '(module (tag $t (export "e0") (export "e1") (param i32)) (func (export "f") i32.const 7 throw $t))');
  expect(second.invoke('f', [])).toEqual({ kind: 'exception', tag: 'e0', values: [i32(7)] });
});

it('gives a lowered host function to the next store, and none of the first store can call it then', async () => {
  const text = '(module (import "m" "f" (func $f (param i64) (result f32))) (func (export "g") (param i64) (result f32) local.get 0 call $f))';
  const type = { params: ['i64'], results: ['f32'] };
  const opened = async (answer: number): Promise<{ readonly store: EngineStore; readonly instance: EngineInstance }> => {
    const store = v8Engine.openStore();
    const instance = await instanceOf(store, text, () => store.hostFunction(type, () => [f32(answer)]));
    return { store, instance };
  };
  const first = await opened(0x7fa00001);
  const arg: Value = { type: 'i64', bits: 1n };
  expect(first.instance.invoke('g', [arg])).toEqual({ kind: 'values', values: [f32(0x7fa00001)] });
  first.store.dispose();
  expect(() => first.instance.invoke('g', [arg])).toThrow('a store that is gone');
  const second = await opened(0xffc00000);
  expect(second.instance.invoke('g', [arg])).toEqual({ kind: 'values', values: [f32(0xffc00000)] });
});
