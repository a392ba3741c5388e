// Facts about control flow against naive twins: reachability and dominance by removing a block and searching, loops by their definition.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, asBlock } from '../base/entity.ts';
import { type IrFunction, blockCount, maybeFirstBlock, maybeFirstInst, maybeNextBlock } from '../ir/function.ts';
import { parseFunction } from '../ir/parse.ts';
import { computeDominance } from '../ir/verify-dominance.ts';
import { mayOverlap, regionsRead, regionsWritten, allRegions } from './aliases.ts';
import { computeCfg, isReachable, predecessorAt, predecessorCount, reversePostorderAt, reachableCount, successorNumberAt } from './cfg.ts';
import { computeDominators, dominates, immediateDominator } from './dominators.ts';
import { computeLoops, loopContains } from './loops.ts';

/** A graph as lists of successors; block 0 is the entry and nobody's successor. */
const graphs = fc.integer({ min: 1, max: 14 }).chain((n) => fc.array(fc.array(fc.integer({ min: Math.min(1, n - 1), max: Math.max(1, n - 1) }), { maxLength: 3 }), { minLength: n, maxLength: n }).map((graph) => (n === 1 ? [[]] : graph)));

function build(graph: readonly (readonly number[])[]): IrFunction {
  const lines = graph.map((successors, b) => {
    const [first, second] = successors;
    if (first === undefined) return `block${b}:\n    return`;
    if (second === undefined) return `block${b}:\n    jump block${first}`;
    return `block${b}:\n    br_table v0, [${successors.slice(0, -1).map((s) => `block${s}`).join(', ')}], block${successors.at(-1)}`;
  });
  return parseFunction(`function f0(i32) {\n${lines.join('\n').replace('block0:', 'block0(v0: i32):')}\n}\n`);
}

/** Blocks reachable from `from` without entering `without`. */
function search(graph: readonly (readonly number[])[], from: number, without = -1): Set<number> {
  const seen = new Set<number>();
  const work = from === without ? [] : [from];
  for (let b = work.pop(); b !== undefined; b = work.pop()) {
    if (seen.has(b)) continue;
    seen.add(b);
    for (const s of graph[b] ?? []) if (s !== without) work.push(s);
  }
  return seen;
}
const naivelyDominates = (graph: readonly (readonly number[])[], a: number, b: number): boolean => a === b || !search(graph, 0, a).has(b);

describe('facts about control flow', () => {
  it('agree with searching', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const f = build(graph);
        const cfg = computeCfg(f);
        const tree = computeDominators(cfg);
        const judge = computeDominance(f);
        const reachable = search(graph, 0);
        expect(reachableCount(cfg)).toBe(reachable.size);
        for (let b = 0; b < graph.length; b++) {
          expect(isReachable(cfg, asBlock(b))).toBe(reachable.has(b));
          expect(judge.isReachable(asBlock(b))).toBe(reachable.has(b));
          const edges: string[] = [];
          for (let e = 0; e < predecessorCount(cfg, asBlock(b)); e++) edges.push(`${predecessorAt(cfg, asBlock(b), e)}.${successorNumberAt(cfg, asBlock(b), e)}`);
          const wanted = graph.flatMap((successors, p) => (reachable.has(p) ? successors.flatMap((s, i) => (s === b ? [`${p}.${i}`] : [])) : []));
          expect(edges.toSorted()).toEqual(wanted.toSorted());
        }
        for (const a of reachable) {
          for (const b of reachable) {
            expect(dominates(tree, asBlock(a), asBlock(b))).toBe(naivelyDominates(graph, a, b));
            expect(judge.dominates(asBlock(a), asBlock(b))).toBe(naivelyDominates(graph, a, b));
          }
          const above = [...reachable].filter((d) => d !== a && naivelyDominates(graph, d, a));
          if (a !== 0) expect(above.every((d) => naivelyDominates(graph, d, immediateDominator(tree, asBlock(a))))).toBe(true);
        }
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  it('agree on deep graphs, reducible or not', () => {
    // Mostly a chain, with branches some way on and some way back.
    const deep = fc.array(fc.record({ on: fc.integer({ min: 1, max: 6 }), back: fc.integer({ min: -3, max: 40 }) }), { minLength: 2, maxLength: 150 })
      .map((steps) => steps.map(({ on, back }, b) => (b === steps.length - 1 ? [] : [b + 1, ...(on > 4 ? [Math.min(b + on, steps.length - 1)] : []), ...(back > 0 && b - back > 0 ? [b - back] : [])])));
    fc.assert(
      fc.property(deep, (graph) => {
        const f = build(graph);
        const tree = computeDominators(computeCfg(f));
        const judge = computeDominance(f);
        for (let a = 0; a < graph.length; a++) for (let b = 0; b < graph.length; b++) expect(dominates(tree, asBlock(a), asBlock(b))).toBe(judge.dominates(asBlock(a), asBlock(b)));
      }),
      { seed: 14, numRuns: 100 },
    );
  });

  it('order blocks so that each comes after a predecessor, and dominators first', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cfg = computeCfg(build(graph));
        const tree = computeDominators(cfg);
        const seen = new Set<number>();
        for (let i = 0; i < reachableCount(cfg); i++) {
          const block = reversePostorderAt(cfg, i);
          if (i > 0) expect([...seen].some((p) => graph[p]?.includes(block))).toBe(true);
          expect(block === 0 || seen.has(immediateDominator(tree, block))).toBe(true);
          seen.add(block);
        }
        tree.preorder.forEach((block, i) => expect(tree.enter[block]).toBe(i));
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  it('find natural loops', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cfg = computeCfg(build(graph));
        const tree = computeDominators(cfg);
        const loops = computeLoops(cfg, tree);
        const reachable = search(graph, 0);
        // By definition: header h, body all blocks from which a back edge's source can be reached without passing h.
        const bodies = new Map<number, Set<number>>();
        for (const h of reachable) {
          const sources = [...reachable].filter((s) => graph[s]?.includes(h) && naivelyDominates(graph, h, s));
          if (sources.length === 0) continue;
          const body = new Set([h]);
          for (const b of reachable) if (b !== h && naivelyDominates(graph, h, b) && sources.some((s) => search(graph, b, h).has(s))) body.add(b);
          bodies.set(h, body);
        }
        expect(loops.header.map(Number).toSorted()).toEqual([...bodies.keys()].toSorted());
        loops.header.forEach((h, loop) => {
          for (const b of reachable) expect(loopContains(loops, loop, asBlock(b))).toBe(bodies.get(h)?.has(b));
        });
        for (const b of reachable) expect(loops.depth[b]).toBe([...bodies.values()].filter((body) => body.has(b)).length);
      }),
      { seed: 13, numRuns: 400 },
    );
  });

  it('survive a hundred thousand blocks in a row', () => {
    const text = Array.from({ length: 100_000 }, (_, b) => `block${b}:\n    jump block${b + 1}`).join('\n');
    const f = parseFunction(`function f0() {\n${text}\nblock100000:\n    return\n}\n`);
    const tree = computeDominators(computeCfg(f));
    expect(dominates(tree, asBlock(5), asBlock(99_999))).toBe(true);
    expect(computeDominance(f).dominates(asBlock(5), asBlock(99_999))).toBe(true);
    expect(blockCount(f)).toBe(100_001);
  });
});

describe('aliases', () => {
  it('follow regions, bases and bytes', () => {
    const f = parseFunction(`function f0(i64, i64) {
block0(v0: i64, v1: i64):
    v2 = load.i32 memory v0+8
    store8 memory v0, v0+11
    store8 memory v0, v0+12
    store memory v0, v0+1
    store memory v0, v1+100
    store table v0, v0+8
    v3 = load.i32 memory readonly v0+8
    libcall elemDrop(v3)
    return
}
`);
    const insts = [];
    for (let b: Block | undefined = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) for (let i = maybeFirstInst(f, b); i !== undefined && i < 8; i = f.nextInst.at(i) as typeof i) insts.push(i);
    const [load, ...others] = insts;
    if (load === undefined) expect.fail();
    expect(others.slice(0, 5).map((inst) => mayOverlap(f, load, inst))).toEqual([true, false, true, true, false]);
    expect(insts.map((inst) => regionsRead(f, inst))).toEqual([4, 0, 0, 0, 0, 0, 0, allRegions]);
    expect(insts.map((inst) => regionsWritten(f, inst))).toEqual([0, 4, 4, 4, 4, 8, 0, allRegions]);
  });
});
