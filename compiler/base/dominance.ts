// Dominance for those who judge: the verifiers of IR and of vcode and the checker of allocations. By another method than `analysis/dominators.ts`, so that one
// cannot hide the other's mistakes.
// Method: semi-NCA (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems", 2005): semidominators by path compression
//         on the depth-first tree, then immediate dominators as nearest common ancestors; queries by interval numbers of the dominator tree.
// Cost:   O(n log n) in blocks and edges.

import { newInt32s } from './storage.ts';

/** Blocks by number, and where each may lead. */
export interface FlowGraph {
  readonly blocks: number;
  readonly entry: number;
  successorCount(block: number): number;
  successorAt(block: number, number: number): number;
}

export interface Dominance {
  isReachable(block: number): boolean;
  /** True if every path from the entry to `b` passes `a`; both reachable. */
  dominates(a: number, b: number): boolean;
}

export function dominanceOf(graph: FlowGraph): Dominance {
  const number = newInt32s(graph.blocks).fill(-1);
  const vertex: number[] = [];
  const parent: number[] = [];
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];

  // Depth-first numbering without recursion: functions nest as deep as their author likes.
  const stackBlock: number[] = [graph.entry];
  const stackParent: number[] = [-1];
  for (let block = stackBlock.pop(); block !== undefined; block = stackBlock.pop()) {
    const from = stackParent.pop() ?? -1;
    if (number[block] !== -1) continue;
    const at = vertex.length;
    number[block] = at;
    vertex.push(block);
    parent.push(from);
    for (let i = graph.successorCount(block) - 1; i >= 0; i--) {
      const target = graph.successorAt(block, i);
      edgeFrom.push(at);
      edgeTo.push(target);
      if (number[target] === -1) {
        stackBlock.push(target);
        stackParent.push(at);
      }
    }
  }

  const n = vertex.length;
  const numberOf = (block: number): number => number[block] ?? -1;
  // Predecessors in compressed rows.
  const rowStart = newInt32s(n + 2);
  for (const to of edgeTo) rowStart[numberOf(to) + 2] = (rowStart[numberOf(to) + 2] ?? 0) + 1;
  for (let i = 2; i < n + 2; i++) rowStart[i] = (rowStart[i] ?? 0) + (rowStart[i - 1] ?? 0);
  const rows = newInt32s(edgeTo.length);
  edgeTo.forEach((to, e) => {
    const at = rowStart[numberOf(to) + 1] ?? 0;
    rows[at] = edgeFrom[e] ?? -1;
    rowStart[numberOf(to) + 1] = at + 1;
  });

  const semi = newInt32s(n);
  const best = newInt32s(n);
  for (let i = 0; i < n; i++) semi[i] = best[i] = i;
  const ancestor = newInt32s(n).fill(-1);
  const at = (cells: Int32Array, i: number): number => cells[i] ?? -1;
  const path: number[] = [];
  // The vertex of least semidominator on the path to the forest's root, the root left out; shortens the path.
  const evaluate = (v: number): number => {
    if (at(ancestor, v) === -1) return v;
    path.length = 0;
    let u = v;
    while (at(ancestor, at(ancestor, u)) !== -1) {
      path.push(u);
      u = at(ancestor, u);
    }
    const root = at(ancestor, u);
    for (let i = path.length - 1; i >= 0; i--) {
      const w = path[i] ?? 0;
      const above = at(ancestor, w);
      if (at(semi, at(best, above)) < at(semi, at(best, w))) best[w] = at(best, above);
      ancestor[w] = root;
    }
    return at(best, v);
  };
  for (let w = n - 1; w > 0; w--) {
    for (let e = at(rowStart, w); e < at(rowStart, w + 1); e++) {
      const u = evaluate(at(rows, e));
      if (at(semi, u) < at(semi, w)) semi[w] = at(semi, u);
    }
    ancestor[w] = parent[w] ?? -1;
  }

  const idom = newInt32s(n);
  for (let w = 1; w < n; w++) {
    let u = parent[w] ?? 0;
    while (u > at(semi, w)) u = at(idom, u);
    idom[w] = u;
  }

  // Intervals: a tree node's descendants are those with a number in [enter, enter + size). Parents have smaller numbers than children.
  const size = newInt32s(n).fill(1);
  for (let w = n - 1; w > 0; w--) size[at(idom, w)] = at(size, at(idom, w)) + at(size, w);
  const enter = newInt32s(n);
  const next = newInt32s(n);
  for (let w = 0; w < n; w++) {
    if (w > 0) {
      enter[w] = at(next, at(idom, w));
      next[at(idom, w)] = at(enter, w) + at(size, w);
    }
    next[w] = at(enter, w) + 1;
  }
  return {
    isReachable: (block) => numberOf(block) >= 0,
    dominates: (a, b) => {
      const from = at(enter, numberOf(a));
      const inner = at(enter, numberOf(b));
      return inner >= from && inner < from + at(size, numberOf(a));
    },
  };
}
