// Running modules through the door: every way a call can end, exact fuel, limits, linking, and host functions in between.
import { describe, expect, it } from 'vitest';
import { ThrownException, Trap, createFunction, createGlobal, createHostMemory, createStore, createTag, decode, fuelSpent, getGlobal, i32, i64, instantiate, invoke, memoryBytes, showStep, snapshot, trace, validate } from './index.ts';
import type { FunctionInstance, ImportRecord, Instance, Outcome, Store, StoreLimits, Value } from './index.ts';
import { ExceptionInstance } from './store.ts';
import { MemoryInstance } from './memory.ts';
import { I32, I64, assemble, funcType, leb, name, sleb } from './assemble.ts';
import type { Parts } from './assemble.ts';

function link(store: Store, parts: Parts, imports: ImportRecord = {}): Instance {
  const module = decode(assemble(parts));
  if (module.kind === 'malformed') throw new Error(module.message);
  const checked = validate(module);
  if (checked.kind !== 'checked') throw new Error(JSON.stringify(checked));
  const result = instantiate(store, checked, imports);
  if (result.kind !== 'instance') throw new Error(JSON.stringify(result));
  return result.instance;
}

function exported(instance: Instance, text: string): FunctionInstance {
  const extern = instance.exports.get(text);
  if (extern?.kind !== 'func') throw new Error(`no function ${text}`);
  return extern;
}

/** Runs one function `f` of the given type. */
function runBody(code: readonly number[], { params = [], results = [], args = [], limits = {}, more = {} }: {
  params?: readonly number[]; results?: readonly number[]; args?: readonly Value[]; limits?: Partial<StoreLimits>; more?: Partial<Parts>;
} = {}): { outcome: Outcome; store: Store } {
  const store = createStore(limits);
  const instance = link(store, { types: [funcType(params, results)], functions: [0], exports: [['f', 0, 0]], bodies: [code], ...more });
  return { outcome: invoke(store, exported(instance, 'f'), args), store };
}

describe('outcomes', () => {
  it('values', () => {
    expect(runBody([0x20, 0, 0x20, 1, 0x6a], { params: [I32, I32], results: [I32], args: [i32(2), i32(-3)] }).outcome).toEqual({ kind: 'values', values: [i32(-1)] });
  });
  it('a trap tells its kind and where it happened', () => {
    const { outcome } = runBody([0x20, 0, 0x20, 0, 0x6d], { params: [I32], results: [I32], args: [i32(0)] });
    expect(outcome).toMatchObject({ kind: 'trap', trap: 'integer divide by zero' });
    // Header 8, type section 8, function section 4, export section 7, code section: id, size, count, body size, no locals, two local.get.
    expect(outcome.kind === 'trap' && outcome.stack).toEqual([{ functionIndex: 0, offset: 8 + 8 + 4 + 7 + 5 + 4, name: undefined }]);
  });
  it.each([
    ['memory', [0x41, 0x7c, 0x28, 2, 0, 0x1a], 'out of bounds memory access'],
    ['memory by its offset', [0x41, 0x7c, 0x28, 2, ...leb(0xffff_ffff), 0x1a], 'out of bounds memory access'],
    ['an indirect call', [0x41, 9, 0x11, 0, 0], 'undefined element'],
    ['an empty element', [0x41, 0, 0x11, 0, 0], 'uninitialized element'],
    ['unreachable code', [0x00], 'unreachable'],
  ])('%s traps', (_, code, kind) => {
    expect(runBody(code, { more: { memories: [[0, 1]], tables: [[0x70, 0, 2]] } }).outcome).toMatchObject({ kind: 'trap', trap: kind });
  });
  it('a deep stack keeps both ends and its depth', () => {
    const store = createStore();
    // f calls function 1, which calls itself while its argument is not 0, then divides by it.
    const instance = link(store, {
      types: [funcType([], []), funcType([I32], [])], functions: [0, 1], exports: [['f', 0, 0]],
      bodies: [[0x41, ...sleb(1000), 0x10, 1], [0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 1, 0x0b, 0x41, 1, 0x20, 0, 0x6d, 0x1a]],
    });
    const outcome = invoke(store, exported(instance, 'f'), []);
    if (outcome.kind !== 'trap') throw new Error(outcome.kind);
    expect([outcome.depth, outcome.stack.length]).toEqual([1002, 64]);
    const functions = outcome.stack.map(({ functionIndex }) => functionIndex);
    expect(functions).toEqual([...new Array<number>(63).fill(1), 0]);
    const [division, ...calls] = new Set(outcome.stack.map(({ offset }) => offset));
    expect(calls.length).toBe(2);
    expect(calls.every((call) => call < (division ?? 0))).toBe(true);
  });
  it('endless recursion is exhaustion, and the store works afterwards', () => {
    const { outcome, store } = runBody([0x10, 0]);
    expect(outcome).toMatchObject({ kind: 'exhaustion', reason: 'call stack exhausted' });
    const instance = link(store, { types: [funcType([], [I32])], functions: [0], exports: [['g', 0, 0]], bodies: [[0x41, 5]] });
    expect(invoke(store, exported(instance, 'g'), [])).toEqual({ kind: 'values', values: [i32(5)] });
  });
  it('endless loops end by fuel', () => {
    expect(runBody([0x03, 0x40, 0x0c, 0, 0x0b], { limits: { fuel: 1000 } }).outcome).toMatchObject({ kind: 'exhaustion', reason: 'fuel exhausted' });
  });
  it('a tail call in a loop needs no stack', () => {
    const countDown = [0x20, 0, 0x45, 0x04, 0x40, 0x0f, 0x0b, 0x20, 0, 0x41, 1, 0x6b, 0x12, 0];
    expect(runBody(countDown, { params: [I32], args: [i32(100_000)], limits: { callDepth: 4 } }).outcome.kind).toBe('values');
  });
});

describe('fuel', () => {
  /** i32.const n; drop … so many times. */
  const straight = (count: number): number[] => Array.from({ length: count }, () => [0x41, 0, 0x1a]).flat();
  it('counts each instruction once, the end of the function included', () => {
    expect(fuelSpent(runBody(straight(10)).store)).toBe(21);
  });
  it('does not count what only marks structure', () => {
    expect(fuelSpent(runBody([0x02, 0x40, 0x01, 0x01, 0x0b]).store)).toBe(1);
    // const, if, const, drop; the jump over the other arm is free; end.
    expect(fuelSpent(runBody([0x41, 1, 0x04, 0x40, 0x41, 0, 0x1a, 0x05, 0x0b]).store)).toBe(5);
  });
  it('suffices exactly or not at all', () => {
    expect(runBody(straight(10), { limits: { fuel: 21 } }).outcome.kind).toBe('values');
    expect(runBody(straight(10), { limits: { fuel: 20 } }).outcome.kind).toBe('exhaustion');
  });
  it('is exact at a trap', () => {
    expect(fuelSpent(runBody([...straight(3), 0x00]).store)).toBe(7);
  });
});

describe('limits', () => {
  it('memory.grow answers -1 beyond the budget', () => {
    const grow = [0x41, ...sleb(100), 0x40, 0];
    expect(runBody(grow, { results: [I32], limits: { memoryBytes: 50 * 65536 }, more: { memories: [[0, 1]] } }).outcome).toEqual({ kind: 'values', values: [i32(-1)] });
    expect(runBody(grow, { results: [I32], more: { memories: [[0, 1]] } }).outcome).toEqual({ kind: 'values', values: [i32(1)] });
  });
  it('arrays beyond the heap budget are exhaustion', () => {
    const types = [funcType([], []), [0x5e, 0x7f, 0x01]];
    const { outcome } = runBody([0x41, ...sleb(1_000_000), 0xfb, 7, 1, 0x1a], { limits: { heapBytes: 1000 }, more: { types } });
    expect(outcome).toMatchObject({ kind: 'exhaustion', reason: 'heap budget exhausted' });
  });
  it('a body of a million instructions and 100,000 nested blocks runs', () => {
    const nested = [...Array.from({ length: 100_000 }, () => [0x02, 0x40]).flat(), ...new Array<number>(100_000).fill(0x0b), 0x41, 7];
    const code = [...nested, ...Array.from({ length: 500_000 }, () => [0x41, 1, 0x6a]).flat()];
    expect(runBody(code, { results: [I32] }).outcome).toEqual({ kind: 'values', values: [i32(500_007)] });
  });
});

describe('linking', () => {
  const importOf = (kind: readonly number[], item: string): number[] => [...name('host'), ...name(item), ...kind];

  it('shares memories and globals between instances and the host', () => {
    const store = createStore();
    const memory = createHostMemory(store, { minimum: 1 });
    if (!(memory instanceof MemoryInstance)) throw new Error('no memory');
    const counter = createGlobal('i64', true, i64(40n));
    const instance = link(store, {
      types: [funcType([], [])], functions: [0], exports: [['f', 0, 0]],
      imports: [importOf([0x02, 0x00, 0x01], 'memory'), importOf([0x03, I64, 0x01], 'counter')],
      // counter += 2; memory[16] = 7
      bodies: [[0x23, 0, 0x42, 2, 0x7c, 0x24, 0, 0x41, 16, 0x41, 7, 0x36, 2, 0]],
    }, { host: { memory, counter } });
    expect(invoke(store, exported(instance, 'f'), []).kind).toBe('values');
    expect(getGlobal(counter)).toEqual(i64(42n));
    expect(memoryBytes(memory)[16]).toBe(7);
    expect(snapshot(instance)).toMatchObject({ globals: [i64(42n)] });
  });

  it('says what does not fit', () => {
    const store = createStore();
    const parts = { types: [funcType([I32], [])], imports: [importOf([0x00, 0x00], 'f')] };
    const module = decode(assemble(parts));
    const checked = module.kind === 'module' ? validate(module) : undefined;
    if (checked?.kind !== 'checked') throw new Error('not checked');
    const wrong = createFunction(store, ['i64'], [], () => []);
    expect(instantiate(store, checked, {})).toEqual({ kind: 'link', message: 'unknown import "host" "f"' });
    expect(instantiate(store, checked, { host: { f: wrong } })).toEqual({ kind: 'link', message: 'incompatible import type for "host" "f"' });
  });
});

describe('host functions', () => {
  const types = [funcType([I32], [I32]), funcType([], [])];
  const imports = [[...name('host'), ...name('h'), 0x00, 0x00]];
  /** f(x) = h(x) + 1 */
  const parts: Parts = { types, imports, functions: [0], exports: [['f', 0, 1]], bodies: [[0x20, 0, 0x10, 0, 0x41, 1, 0x6a]] };
  const withHost = (host: (args: readonly Value[]) => readonly Value[]): Outcome => {
    const store = createStore();
    const instance = link(store, parts, { host: { h: createFunction(store, ['i32'], ['i32'], host) } });
    return invoke(store, exported(instance, 'f'), [i32(20)]);
  };

  it('get arguments and give results', () => {
    expect(withHost(([x]) => [i32((x?.type === 'i32' ? x.value : 0) * 2)])).toEqual({ kind: 'values', values: [i32(41)] });
  });
  it('may trap the guest', () => {
    expect(withHost(() => { throw new Trap('host', 'refused'); })).toMatchObject({ kind: 'trap', trap: 'host', message: 'host: refused' });
  });
  it('may fail in their own way, which comes back untouched', () => {
    const error = new Error('mine');
    expect(withHost(() => { throw error; })).toMatchObject({ kind: 'host-error', error });
  });
  it('may call back; nesting too deep is exhaustion', () => {
    const store = createStore();
    const guest: { f?: FunctionInstance } = {};
    const h = createFunction(store, ['i32'], ['i32'], ([x]) => {
      const depth = x?.type === 'i32' ? x.value : 0;
      if (depth === 0 || guest.f === undefined) return [i32(0)];
      const inner = invoke(store, guest.f, [i32(depth - 1)]);
      if (inner.kind === 'values') return inner.values;
      throw new Trap('host', inner.kind === 'exhaustion' ? inner.reason : inner.kind === 'trap' ? inner.message : inner.kind);
    });
    const f = exported(link(store, parts, { host: { h } }), 'f');
    guest.f = f;
    expect(invoke(store, f, [i32(50)])).toEqual({ kind: 'values', values: [i32(51)] });
    expect(invoke(store, f, [i32(100_000)])).toMatchObject({ kind: 'trap', message: expect.stringMatching(/call stack exhausted$/) });
  });
  it('may get over a trap within; a later one tells its own place', () => {
    const store = createStore();
    const guest: { inner?: FunctionInstance } = {};
    const h = createFunction(store, ['i32'], ['i32'], () => {
      const inner = guest.inner === undefined ? undefined : invoke(store, guest.inner, []);
      expect(inner).toMatchObject({ kind: 'trap', depth: 2, stack: [{ functionIndex: 2 }, { functionIndex: 1 }] });
      return [i32(0)];
    });
    const instance = link(store, {
      types: [funcType([I32], [I32]), funcType([], [])], imports, functions: [0, 1], exports: [['f', 0, 1], ['inner', 0, 2]],
      bodies: [[0x20, 0, 0x10, 0, 0x1a, 0x00], [0x00]],
    }, { host: { h } });
    guest.inner = exported(instance, 'inner');
    expect(invoke(store, exported(instance, 'f'), [i32(0)])).toMatchObject({ kind: 'trap', depth: 1, stack: [{ functionIndex: 1 }] });
  });
  it('may throw a wasm exception that the guest catches', () => {
    const store = createStore();
    const tag = createTag(store, ['i32']);
    const h = createFunction(store, ['i32'], ['i32'], (args) => { throw new ThrownException(new ExceptionInstance(tag, args)); });
    const instance = link(store, {
      types: [funcType([I32], [I32]), funcType([I32], [])],
      imports: [...imports, [...name('host'), ...name('t'), 0x04, 0x00, 0x01]],
      functions: [0], exports: [['f', 0, 1]],
      // (block (result i32) (try_table (result i32) (catch 0 0) (call h (local.get 0)))) + 1
      bodies: [[0x02, I32, 0x1f, I32, 1, 0x00, 0, 0, 0x20, 0, 0x10, 0, 0x0b, 0x0b, 0x41, 1, 0x6a]],
    }, { host: { h, t: tag } });
    expect(invoke(store, exported(instance, 'f'), [i32(7)])).toEqual({ kind: 'values', values: [i32(8)] });
  });
});

it('the trace shows every step with its operands', () => {
  const store = createStore();
  const instance = link(store, { types: [funcType([I32], [I32])], functions: [0], exports: [['f', 0, 0]], bodies: [[0x20, 0, 0x04, I32, 0x41, 3, 0x05, 0x41, 4, 0x0b, 0x41, 5, 0x6c]] });
  const lines: string[] = [];
  trace(store, (step) => lines.push(showStep(step)));
  expect(invoke(store, exported(instance, 'f'), [i32(1)])).toEqual({ kind: 'values', values: [i32(15)] });
  expect(lines).toEqual([
    'func 0 @32 local.get 0',
    'func 0 @34 if i32:1',
    'func 0 @36 i32.const 3',
    'func 0 @38 else i32:3',
    'func 0 @42 i32.const 5',
    'func 0 @44 i32.mul i32:3 i32:5',
    'func 0 @45 end i32:15',
  ]);
  trace(store, undefined);
  invoke(store, exported(instance, 'f'), [i32(1)]);
  expect(lines.length).toBe(7);
});

it.each<[string, readonly number[], string]>([
  ['a cast names its type', [0xd0, 0x6e, 0xfb, 0x14, 0x6b, 0x1a], 'ref.test struct null'],
  ['a branch on a cast, its label and both types', [0x02, 0x6e, 0xd0, 0x6e, 0xfb, 0x18, 3, 0, 0x6e, 0x6c, 0x0b, 0x1a], 'br_on_cast 0 anyref i31ref null'],
  ['a null, the type it is null of', [0xd0, 0x6f, 0x1a], 'ref.null extern'],
  ['a typed choice', [0xd0, 0x6f, 0xd0, 0x6f, 0x41, 0, 0x1c, 1, 0x6f, 0x1a], 'select externref null null i32:0'],
  ['a handler, its clauses', [0x1f, 0x40, 1, 2, 0, 0x0b], 'try_table (catch_all 0)'],
  ['a lane and an offset', [0x41, 0, 0xfd, 0x0c, ...new Array<number>(16).fill(0), 0xfd, 0x54, 0, 5, 7, 0x1a], `v128.load8_lane offset=5 7 i32:0 v128:0x${'0'.repeat(32)}`],
])('of an instruction the trace shows: %s', (_, code, line) => {
  const store = createStore();
  const instance = link(store, { types: [funcType([], [])], functions: [0], memories: [[0, 1]], exports: [['f', 0, 0]], bodies: [code] });
  const lines: string[] = [];
  trace(store, (step) => lines.push(showStep(step).replace(/^func 0 @\d+ /, '')));
  expect(invoke(store, exported(instance, 'f'), [])).toEqual({ kind: 'values', values: [] });
  expect(lines).toContain(line);
});
