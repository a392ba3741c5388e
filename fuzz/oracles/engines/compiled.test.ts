// Compiled engines behind the lab's interface: linking, state, identity, host calls, limits; the same for every processor and option.

import { describe, expect, it } from 'vitest';
import { targetNames } from '../../../compiler/inside.ts';
import { parseText } from '../../wast/text.ts';
import { runnerBase } from '../engine-name.ts';
import { HostExit, HostTrap, type Engine, type EngineInstance, type EngineStore, type Extern, type InstantiateResult, type Outcome } from '../engine.ts';
import type { Value } from '../value.ts';
import { evaluatedEngine, maybeCompileOptions, nativeEngine } from './compiled-engines.ts';
import { runnerEngine } from './runner-engines.ts';

const engines: Engine[] = [
  evaluatedEngine('ir', { opt: 'none' }),
  evaluatedEngine('ir-opt:explicit', { opt: 'speed', bounds: 'explicit' }),
  nativeEngine('x86-64', 'x86-64', {}),
  nativeEngine('x86-64:none:explicit', 'x86-64', { opt: 'none', bounds: 'explicit' }),
  ...targetNames.flatMap((target) => [runnerEngine(runnerBase(target), target, {}), runnerEngine(`${runnerBase(target)}:none:explicit`, target, { opt: 'none', bounds: 'explicit' })]),
].filter((engine) => engine.availability().available);

const i32 = (bits: number): Value => ({ type: 'i32', bits });
const i64 = (bits: bigint): Value => ({ type: 'i64', bits });
const values = (...list: Value[]): Outcome => ({ kind: 'values', values: list });
const trap = (text: string): Outcome => ({ kind: 'trap', trap: text });
const nullReference: Value = { type: 'ref', kind: 'null' };

type Imports = Readonly<Record<string, Extern>>;

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

async function start(store: EngineStore, text: string, imports: Imports = {}): Promise<InstantiateResult> {
  const compiled = store.compile(await bytesOf(text));
  if (compiled.kind !== 'compiled') throw new Error(JSON.stringify(compiled));
  return store.instantiate(compiled.module, (_, name) => imports[name]);
}

async function instanceOf(store: EngineStore, text: string, imports: Imports = {}): Promise<EngineInstance> {
  const result = await start(store, text, imports);
  if (result.kind !== 'instance') throw new Error(JSON.stringify(result));
  return result.instance;
}

function exported(instance: EngineInstance, name: string): Extern {
  const found = instance.maybeExport(name);
  if (found === undefined) throw new Error(`no export ${name}`);
  return found;
}

describe.each(engines.map((engine) => ({ name: engine.name, engine })))('$name', ({ engine }) => {
  it('says which import is missing or does not fit', async () => {
    const store = engine.openStore();
    const missing = await start(store, '(module (import "m" "f" (func)))');
    expect(missing).toEqual({ kind: 'link', message: 'unknown import' });
    const wrong = async (text: string, extern: Extern): Promise<void> =>
      expect(await start(store, text, { x: extern })).toEqual({ kind: 'link', message: 'incompatible import type' });
    const fits = async (text: string, extern: Extern): Promise<void> => expect((await start(store, text, { x: extern })).kind).toBe('instance');
    const host = store.hostFunction({ params: ['i32'], results: ['i64'] }, () => [i64(1n)]);
    await wrong('(module (import "m" "x" (func (param i64) (result i64))))', host);
    await wrong('(module (import "m" "x" (memory 1)))', host);
    await fits('(module (import "m" "x" (func (param i32) (result i64))))', host);
    const memory = store.hostMemory(2, 4);
    await wrong('(module (import "m" "x" (memory 3)))', memory);
    await wrong('(module (import "m" "x" (memory 1 3)))', memory);
    await fits('(module (import "m" "x" (memory 2 4)))', memory);
    await fits('(module (import "m" "x" (memory 0 5)))', memory);
    const unlimited = store.hostTable('funcref', 1, undefined);
    await wrong('(module (import "m" "x" (table 1 9 funcref)))', unlimited);
    await wrong('(module (import "m" "x" (table 1 externref)))', unlimited);
    await fits('(module (import "m" "x" (table 1 funcref)))', unlimited);
    const global = store.hostGlobal('i32', true, i32(1));
    await wrong('(module (import "m" "x" (global i32)))', global);
    await wrong('(module (import "m" "x" (global (mut i64))))', global);
    await fits('(module (import "m" "x" (global (mut i32))))', global);
    store.dispose();
  });

  it('sees a grown memory as larger when it links', async () => {
    const store = engine.openStore();
    const first = await instanceOf(store, '(module (memory (export "m") 1 5) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))) (func (export "size") (result i32) (memory.size)))');
    expect(first.invoke('grow', [i32(2)])).toEqual(values(i32(1)));
    const second = await instanceOf(store, '(module (import "a" "m" (memory 3 5)) (func (export "put") (param i32) (i32.store8 (local.get 0) (i32.const 7))) (func (export "size") (result i32) (memory.size)) (export "again" (memory 0)))', { m: exported(first, 'm') });
    expect(second.invoke('put', [i32(3 * 65536 - 1)])).toEqual(values());
    expect(second.invoke('put', [i32(3 * 65536)])).toEqual(trap('out of bounds memory access'));
    expect(first.memory('m').bytes()[3 * 65536 - 1]).toBe(7);
    expect(first.invoke('grow', [i32(3)])).toEqual(values(i32(-1)));
    expect(first.invoke('grow', [i32(2)])).toEqual(values(i32(3)));
    expect(second.invoke('size', [])).toEqual(values(i32(5)));
    expect(second.memory('again').pages).toBe(5);
    store.dispose();
  });

  it('keeps what was written before a trap', async () => {
    const store = engine.openStore();
    const instance = await instanceOf(store, `(module (memory (export "m") 1) (global $g (export "g") (mut i32) (i32.const 0)) (table (export "t") 2 funcref) (func $f)
      (elem declare func $f)
      (func (export "go") (i32.store (i32.const 4) (i32.const 9)) (global.set $g (i32.const 5)) (table.set (i32.const 1) (ref.func $f)) (drop (i32.load (i32.const 65533)))))`);
    expect(instance.invoke('go', [])).toEqual(trap('out of bounds memory access'));
    const snapshot = instance.maybeSnapshot();
    expect(snapshot?.memories[0]?.[4]).toBe(9);
    expect(snapshot?.globals).toEqual([i32(5)]);
    expect(snapshot?.tables).toEqual([[nullReference, { type: 'ref', kind: 'function', handle: 0 }]]);
    expect(instance.invoke('go', [])).toEqual(trap('out of bounds memory access'));
    store.dispose();
  });

  it('keeps segments that were applied before instantiation trapped', async () => {
    const store = engine.openStore();
    const memory = store.hostMemory(1, 1);
    const table = store.hostTable('funcref', 3, 3);
    const text = `(module (import "m" "memory" (memory 1)) (import "m" "table" (table 3 funcref)) (func $f (result i32) (i32.const 77))
      (elem (i32.const 1) $f) (data (i32.const 0) "ab") (data (i32.const 65536) "c") (data (i32.const 8) "d"))`;
    expect(await start(store, text, { memory, table })).toEqual({ kind: 'stopped', outcome: trap('out of bounds memory access') });
    expect([...store.readMemory(memory).bytes().subarray(0, 9)]).toEqual([97, 98, 0, 0, 0, 0, 0, 0, 0]);
    const caller = await instanceOf(store, '(module (import "m" "table" (table 3 funcref)) (type $t (func (result i32))) (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))', { table });
    expect(caller.invoke('call', [i32(1)])).toEqual(values(i32(77)));
    expect(caller.invoke('call', [i32(0)])).toEqual(trap('uninitialized element'));
    expect(caller.invoke('call', [i32(3)])).toEqual(trap('undefined element'));
    expect(await start(store, '(module (import "m" "table" (table 3 funcref)) (func $g) (elem (i32.const 3) $g))', { table })).toEqual({ kind: 'stopped', outcome: trap('out of bounds table access') });
    store.dispose();
  });

  it('runs the start function, and reports its trap', async () => {
    const store = engine.openStore();
    const ok = await instanceOf(store, '(module (global $g (export "g") (mut i32) (i32.const 1)) (func $s (global.set $g (i32.const 2))) (start $s))');
    expect(ok.readGlobal('g')).toEqual(i32(2));
    expect(await start(store, '(module (func $s unreachable) (start $s))')).toEqual({ kind: 'stopped', outcome: trap('unreachable') });
    store.dispose();
  });

  it('gives one function one identity', async () => {
    const store = engine.openStore();
    const host = store.hostFunction({ params: [], results: ['i32'] }, () => [i32(5)]);
    const first = await instanceOf(store, `(module (import "m" "host" (func $h (result i32))) (func $f (export "f") (result i32) (i32.const 3)) (export "h" (func $h))
      (func (export "refs") (result funcref funcref) (ref.func $f) (ref.func $h)))`, { host });
    const second = await instanceOf(store, `(module (import "m" "f" (func $f (result i32))) (import "m" "h" (func $h (result i32))) (export "f" (func $f)) (table (export "t") 4 funcref) (elem (i32.const 1) $f $h)
      (func (export "refs") (result funcref funcref) (table.get (i32.const 1)) (table.get (i32.const 2))) (func (export "set") (param funcref) (table.set (i32.const 0) (local.get 0)))
      (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))`, { f: exported(first, 'f'), h: exported(first, 'h') });
    const refs = first.invoke('refs', []);
    expect(refs.kind === 'values' && refs.values.every((value) => value.type === 'ref' && value.kind === 'function')).toBe(true);
    expect(second.invoke('refs', [])).toEqual(refs);
    if (refs.kind !== 'values' || refs.values[1] === undefined || refs.values[0] === undefined) return;
    expect(refs.values[0]).toEqual({ type: 'ref', kind: 'function', handle: exported(second, 'f').handle });
    expect(second.invoke('set', [refs.values[1]])).toEqual(values());
    expect(second.invoke('call', [i32(0)])).toEqual(values(i32(5)));
    expect(second.invoke('call', [i32(1)])).toEqual(values(i32(3)));
    expect(second.maybeSnapshot()?.tables[0]?.map((value) => (value.type === 'ref' && value.kind === 'function' ? value.handle : 'null'))).toEqual([1, 0, 1, 'null']);
    store.dispose();
  });

  it('calls a host function that reached a table before any module could call it', async () => {
    const store = engine.openStore();
    const host = store.hostFunction({ params: ['i64'], results: ['i64'] }, ([x]) => [i64(x?.type === 'i64' ? x.bits * 2n : 0n)]);
    const holder = await instanceOf(store, '(module (table (export "t") 1 externref) (table (export "f") 1 funcref) (func (export "set") (param funcref) (table.set 1 (i32.const 0) (local.get 0))))');
    expect(holder.invoke('set', [{ type: 'ref', kind: 'function', handle: host.handle }])).toEqual(values());
    const caller = await instanceOf(store, '(module (import "m" "f" (table 1 funcref)) (func (export "call") (param i64) (result i64) (call_indirect (param i64) (result i64) (local.get 0) (i32.const 0))) (func (export "other") (call_indirect (i32.const 0))))', { f: exported(holder, 'f') });
    expect(caller.invoke('call', [i64(21n)])).toEqual(values(i64(42n)));
    expect(caller.invoke('other', [])).toEqual(trap('indirect call type mismatch'));
    store.dispose();
  });

  it('ends calls by what host functions throw, through nested calls', async () => {
    const store = engine.openStore();
    const broken = new Error('broken harness');
    const nested: Outcome[] = [];
    const late: { instance?: EngineInstance } = {};
    const host = store.hostFunction({ params: ['i32'], results: [] }, ([x]) => {
      const which = x?.type === 'i32' ? x.bits : 0;
      if (which === 0) throw new HostExit(3);
      if (which === 1) throw new HostTrap('of the host');
      if (which === 2) throw broken;
      if (late.instance !== undefined) nested.push(late.instance.invoke('go', [i32(which - 3)]));
      return [];
    });
    const instance = await instanceOf(store, '(module (import "m" "host" (func $h (param i32))) (memory 1) (func (export "go") (param i32) (call $h (local.get 0))) (func (export "trap") (drop (i32.load (i32.const -1)))))', { host });
    late.instance = instance;
    expect(instance.invoke('go', [i32(0)])).toEqual({ kind: 'exit', code: 3 });
    expect(instance.invoke('go', [i32(1)])).toEqual(trap('of the host'));
    expect(instance.invoke('go', [i32(3)])).toEqual(values());
    expect(instance.invoke('go', [i32(7)])).toEqual(values());
    expect(nested).toEqual([{ kind: 'exit', code: 3 }, trap('of the host'), values()]);
    let thrown: unknown;
    try {
      instance.invoke('go', [i32(8)]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(broken);
    expect(instance.invoke('trap', [])).toEqual(trap('out of bounds memory access'));
    store.dispose();
  });

  it('ends endless recursion as exhaustion, in wasm and through the host', async () => {
    const store = engine.openStore();
    const late: { instance?: EngineInstance } = {};
    const inner: string[] = [];
    const host = store.hostFunction({ params: [], results: [] }, () => {
      const outcome = late.instance?.invoke('ping', []);
      if (outcome !== undefined && inner.length < 3) inner.push(outcome.kind);
      if (outcome?.kind === 'exhaustion') throw new HostTrap('passed on');
      return [];
    });
    const instance = await instanceOf(store, '(module (import "m" "host" (func $h)) (func $f (export "deep") (param i64 i64 i64) (call $f (local.get 2) (local.get 1) (local.get 0))) (func (export "ping") (call $h)) (func (export "fine") (result i32) (i32.const 4)))', { host });
    late.instance = instance;
    expect(instance.invoke('deep', [i64(1n), i64(2n), i64(3n)])).toEqual({ kind: 'exhaustion', what: 'stack' });
    // The innermost call is exhausted, its caller is told so by a trap, and all callers further out return.
    expect(instance.invoke('ping', [])).toEqual(values());
    expect(inner).toEqual(['exhaustion', 'trap', 'values']);
    expect(instance.invoke('fine', [])).toEqual(values(i32(4)));
    store.dispose();
  });

  it('nests calls of one store in calls of another', async () => {
    const outer = engine.openStore();
    const inner = engine.openStore();
    const seen: Outcome[] = [];
    const text = (body: string): string => `(module (import "m" "h" (func $h (param i32))) (memory (export "m") 1) (func (export "go") (param i32) ${body}))`;
    const innermost = inner.hostFunction({ params: ['i32'], results: [] }, () => []);
    const second = await instanceOf(inner, text('(i32.store (i32.const 0) (local.get 0)) (call $h (i32.load (local.get 0)))'), { h: innermost });
    const host = outer.hostFunction({ params: ['i32'], results: [] }, (args) => {
      seen.push(second.invoke('go', args), second.invoke('go', [i32(65535)]));
      return [];
    });
    const first = await instanceOf(outer, text('(i32.store (i32.const 0) (i32.const 9)) (call $h (local.get 0)) (i32.store (i32.const 4) (i32.load (i32.const 0))) (drop (i32.load (i32.const 65536)))'), { h: host });
    expect(first.invoke('go', [i32(8)])).toEqual(trap('out of bounds memory access'));
    expect(seen).toEqual([values(), trap('out of bounds memory access')]);
    expect([...first.memory('m').bytes().subarray(0, 6)]).toEqual([9, 0, 0, 0, 9, 0]);
    expect([...second.memory('m').bytes().subarray(0, 3)]).toEqual([255, 255, 0]);
    inner.dispose();
    expect(() => first.invoke('go', [i32(0)])).toThrow(/disposed of/);
    outer.dispose();
  });

  it('passes every type through every door', async () => {
    const store = engine.openStore();
    const seen: Value[] = [];
    const host = store.hostFunction({ params: ['i32', 'i64', 'f32', 'f64', 'externref', 'funcref'], results: ['funcref', 'externref', 'f64', 'f32', 'i64', 'i32'] }, (args) => {
      seen.push(...args);
      return args.toReversed();
    });
    const instance = await instanceOf(store, `(module (import "m" "host" (func $h (param i32 i64 f32 f64 externref funcref) (result funcref externref f64 f32 i64 i32)))
      (func (export "through") (param i32 i64 f32 f64 externref funcref) (result funcref externref f64 f32 i64 i32)
        (call $h (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5))))`, { host });
    const args: Value[] = [i32(-2147483648), i64(-(2n ** 63n)), { type: 'f32', bits: 0xff812345 }, { type: 'f64', bits: 0xfff0000000000001n }, { type: 'ref', kind: 'extern', id: 12 }, { type: 'ref', kind: 'function', handle: host.handle }];
    expect(instance.invoke('through', args)).toEqual(values(...args.toReversed()));
    expect(seen).toEqual(args);
    store.dispose();
  });

  it('shares globals and reads constants of every kind', async () => {
    const store = engine.openStore();
    const base = store.hostGlobal('i32', false, i32(10));
    const counter = store.hostGlobal('i64', true, i64(5n));
    const text = `(module (import "m" "base" (global $b i32)) (import "m" "counter" (global $c (mut i64))) (func $f) (global (export "sum") i32 (i32.mul (i32.add (global.get $b) (i32.const 4)) (i32.const -3)))
      (global (export "wide") i64 (i64.sub (i64.const 0) (i64.const 1))) (global (export "null") funcref (ref.null func)) (global (export "f") (mut funcref) (ref.func $f)) (export "c" (global $c))
      (func (export "bump") (global.set $c (i64.add (global.get $c) (i64.const 1)))))`;
    const first = await instanceOf(store, text, { base, counter });
    const second = await instanceOf(store, text, { base, counter });
    expect(first.readGlobal('sum')).toEqual(i32(-42));
    expect(first.readGlobal('wide')).toEqual(i64(-1n));
    expect(first.readGlobal('null')).toEqual(nullReference);
    first.invoke('bump', []);
    second.invoke('bump', []);
    expect(first.readGlobal('c')).toEqual(i64(7n));
    expect(second.maybeSnapshot()?.globals).toEqual([i32(10), i64(7n), i32(-42), i64(-1n), nullReference, { type: 'ref', kind: 'function', handle: 0 }]);
    store.dispose();
  });

  it('moves and fills memories and tables in bulk', async () => {
    const store = engine.openStore();
    const instance = await instanceOf(store, `(module (memory (export "m") 1) (memory (export "n") 1) (data $d "hello") (table (export "t") 4 funcref) (table $u (export "u") 2 8 funcref) (func $f) (elem $e func $f $f)
      (func (export "init") (memory.init 0 $d (i32.const 2) (i32.const 1) (i32.const 3))) (func (export "copy") (memory.copy 1 0 (i32.const 0) (i32.const 2) (i32.const 3)))
      (func (export "overlap") (memory.copy 0 0 (i32.const 3) (i32.const 2) (i32.const 3))) (func (export "fill") (param i32) (memory.fill 1 (local.get 0) (i32.const 0x1ff) (i32.const 2)))
      (func (export "drop") (data.drop $d) (elem.drop $e))
      (func (export "tinit") (table.init 0 $e (i32.const 2) (i32.const 0) (i32.const 2))) (func (export "tcopy") (table.copy $u 0 (i32.const 0) (i32.const 2) (i32.const 2)))
      (func (export "tgrow") (param i32) (result i32) (table.grow $u (ref.func $f) (local.get 0))) (func (export "tfill") (param i32) (table.fill $u (local.get 0) (ref.null func) (i32.const 2))))`);
    for (const name of ['init', 'copy', 'overlap', 'tinit', 'tcopy']) expect([name, instance.invoke(name, [])]).toEqual([name, values()]);
    expect(instance.invoke('fill', [i32(65534)])).toEqual(values());
    expect(instance.invoke('fill', [i32(65535)])).toEqual(trap('out of bounds memory access'));
    expect(instance.invoke('tgrow', [i32(3)])).toEqual(values(i32(2)));
    expect(instance.invoke('tgrow', [i32(4)])).toEqual(values(i32(-1)));
    expect(instance.invoke('tgrow', [i32(-1)])).toEqual(values(i32(-1)));
    expect(instance.invoke('tfill', [i32(1)])).toEqual(values());
    expect(instance.invoke('tfill', [i32(4)])).toEqual(trap('out of bounds table access'));
    expect(instance.invoke('drop', [])).toEqual(values());
    expect(instance.invoke('init', [])).toEqual(trap('out of bounds memory access'));
    expect(instance.invoke('tinit', [])).toEqual(trap('out of bounds table access'));
    const snapshot = instance.maybeSnapshot();
    expect(String.fromCharCode(...(snapshot?.memories[0]?.subarray(2, 6) ?? []))).toBe('eell');
    expect(String.fromCharCode(...(snapshot?.memories[1]?.subarray(0, 3) ?? []))).toBe('ell');
    expect([...(snapshot?.memories[1]?.subarray(65533) ?? [])]).toEqual([0, 255, 255]);
    expect(snapshot?.tables.map((table) => table.map((value) => (value.type === 'ref' && value.kind === 'function' ? 'f' : '-')).join(''))).toEqual(['--ff', 'f--ff']);
    store.dispose();
  });

  it('refuses in values what is no module or asks too much', async () => {
    const store = engine.openStore();
    expect(store.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 5]))).toMatchObject({ kind: 'malformed' });
    expect(store.compile(await bytesOf('(module (func (result i32)))'))).toMatchObject({ kind: 'invalid' });
    expect(store.compile(await bytesOf('(module (func (result v128) (v128.const i64x2 0 0)))'))).toMatchObject({ kind: 'unsupported' });
    expect(await start(store, '(module (table 20000000 funcref))')).toEqual({ kind: 'stopped', outcome: { kind: 'exhaustion', what: 'memory' } });
    store.dispose();
  });

  it('makes and drops many stores', async () => {
    const bytes = await bytesOf('(module (memory 1) (table 3 funcref) (global (mut i32) (i32.const 1)) (func $f (export "f") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.load (i32.const 0))) (elem (i32.const 0) $f))');
    for (let i = 0; i < 300; i++) {
      const store = engine.openStore();
      const compiled = store.compile(bytes);
      if (compiled.kind !== 'compiled') throw new Error(compiled.kind);
      const made = store.instantiate(compiled.module, () => undefined);
      if (made.kind !== 'instance') throw new Error(made.kind);
      expect(made.instance.maybeSnapshot()?.memories[0]?.every((byte) => byte === 0)).toBe(true);
      expect(made.instance.invoke('f', [i32(i)])).toEqual(values(i32(i)));
      store.dispose();
    }
  });
});

it('reads options from names', () => {
  expect(maybeCompileOptions(['explicit', 'none', 'backtracking'])).toEqual({ bounds: 'explicit', opt: 'none', regalloc: 'backtracking' });
  expect(maybeCompileOptions(['fast'])).toBeUndefined();
  expect(maybeCompileOptions(['baseline'])).toEqual({ features: [] });
  expect(maybeCompileOptions(['none', 'zbb', 'zba'], ['zba', 'zbb'])).toEqual({ opt: 'none', features: ['zbb', 'zba'] });
  expect(maybeCompileOptions(['zbb'], ['popcnt'])).toBeUndefined();
});
