// The listener of accesses: what each kind of memory instruction tells, and that telling changes nothing.
import { describe, expect, it } from 'vitest';
import { createStore, decode, i32, instantiate, invoke, validate } from './index.ts';
import type { AccessListener, FunctionInstance, Outcome } from './index.ts';
import { I32, assemble, funcType } from './assemble.ts';

/** One page, or two memories of one page; runs `code` with the argument 65532 and answers the outcome and what was told. */
function run(code: readonly number[], memories: readonly number[][] = [[0x00, 1]]): { outcome: Outcome; told: string[] } {
  const told: string[] = [];
  const seen: unknown[] = [];
  const listener: AccessListener = (kind, memory, address, width) => {
    if (!seen.includes(memory)) seen.push(memory);
    told.push(`${kind} ${width} at ${address}${seen.indexOf(memory) === 0 ? '' : ', another memory'}`);
  };
  const outcomes = [undefined, listener].map((onAccess) => {
    const store = createStore({}, onAccess);
    const module = decode(assemble({ types: [funcType([I32], [I32])], functions: [0], memories, exports: [['f', 0, 0]], bodies: [code] }));
    if (module.kind === 'malformed') throw new Error(module.message);
    const checked = validate(module);
    if (checked.kind !== 'checked') throw new Error(JSON.stringify(checked));
    const linked = instantiate(store, checked, {});
    if (linked.kind !== 'instance') throw new Error(linked.kind);
    return invoke(store, linked.instance.exports.get('f') as FunctionInstance, [i32(65532)]);
  });
  const [plain, listened] = outcomes;
  if (plain === undefined || listened === undefined) throw new Error('nothing ran');
  expect(JSON.stringify(listened.kind === 'values' ? listened.values : listened.kind)).toBe(JSON.stringify(plain.kind === 'values' ? plain.values : plain.kind));
  return { outcome: listened, told };
}

describe('accesses', () => {
  it('are told with their address and width, wherever the fast way is taken otherwise', () => {
    // i32.store8 offset=1 (x) (7); i32.load offset=0 (x)
    expect(run([0x20, 0, 0x41, 7, 0x3a, 0, 1, 0x20, 0, 0x28, 2, 0]).told).toEqual(['store 1 at 65533', 'load 4 at 65532']);
    // i64.load16_s; i32.wrap_i64
    expect(run([0x20, 0, 0x32, 0, 2, 0xa7]).told).toEqual(['load 2 at 65534']);
  });
  it('are not told when they trap', () => {
    const { outcome, told } = run([0x20, 0, 0x28, 0, 1]);
    expect(outcome.kind).toBe('trap');
    expect(told).toEqual([]);
  });
  it('are told of vectors and of single lanes', () => {
    // v128.load32_splat; i32x4.extract_lane 0
    expect(run([0x20, 0, 0xfd, 9, 0, 0, 0xfd, 0x1b, 0]).told).toEqual(['load 4 at 65532']);
    // v128.store16_lane 0 offset=2 (x) (v128.load8_splat (x)); x
    expect(run([0x20, 0, 0x20, 0, 0xfd, 7, 0, 0, 0xfd, 0x59, 0, 2, 0, 0x20, 0]).told).toEqual(['load 1 at 65532', 'store 2 at 65534']);
  });
  it('are told of atomic instructions, as one access each', () => {
    // i32.atomic.rmw.add (x) (1); i32.atomic.load is read afterwards
    expect(run([0x20, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a, 0x20, 0, 0xfe, 0x10, 2, 0]).told).toEqual(['modify 4 at 65532', 'load 4 at 65532']);
    // i32.atomic.rmw8.cmpxchg_u (x) (0) (1)
    expect(run([0x20, 0, 0x41, 0, 0x41, 1, 0xfe, 0x4a, 0, 3]).told).toEqual(['modify 1 at 65535']);
  });
  it('tell memories apart', () => {
    // i32.load memory 0; drop; i32.load memory 1
    expect(run([0x20, 0, 0x28, 0, 0, 0x1a, 0x20, 0, 0x28, 0x40, 1, 0], [[0, 1], [0, 1]]).told).toEqual(['load 4 at 65532', 'load 4 at 65532, another memory']);
  });
  it('leave out bulk instructions', () => {
    // memory.fill (0) (1) (8); x
    expect(run([0x41, 0, 0x41, 1, 0x41, 8, 0xfc, 11, 0, 0x20, 0]).told).toEqual([]);
  });
});
