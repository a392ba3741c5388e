// Dominators of the reachable blocks, as a tree with numbered intervals.
// Needs:  the control-flow graph.
// Method: immediate dominators by intersection in reverse postorder until nothing changes; wasm's graphs are reducible, so two rounds do.
//         Dominators are brought together by jump pointers, which skip ever more of the tree the deeper it is, so that nested loops cost no more than their
//         number; only in an irreducible graph, where the tree changes after the first round, step by step.
//         Each block then gets an interval in a preorder of the tree: a dominates b if b's number lies in a's interval.
// Cost:   O(n log n) in blocks and edges of a reducible graph.
// Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", 2001; Myers, "An Applicative Random-Access Stack", 1983.

import { type Block, asBlock } from '../base/entity.ts';
import { newInt32s } from '../base/storage.ts';
import { type Cfg, predecessorAt, predecessorCount, reachableCount, reversePostorderAt } from './cfg.ts';

export interface Dominators {
  /** Immediate dominator of a block; the entry's is itself, an unreachable block's is -1. */
  readonly idom: Int32Array;
  /** Reachable blocks in a preorder of the tree: a block after its dominators, its subtree right behind it. */
  readonly preorder: Int32Array;
  /** Position of a block in `preorder`; -1 if unreachable. */
  readonly enter: Int32Array;
  /** Size of a block's subtree, itself counted. */
  readonly size: Int32Array;
}

/** The tree while it grows: every block with its depth, and with an ancestor to jump to. Blocks of one depth jump equally far. */
interface GrowingTree {
  readonly idom: Int32Array;
  readonly depth: Int32Array;
  readonly jump: Int32Array;
}

export function computeDominators(cfg: Cfg): Dominators {
  const count = cfg.rank.length;
  const reachable = reachableCount(cfg);
  const tree: GrowingTree = { idom: newInt32s(count).fill(-1), depth: newInt32s(count), jump: newInt32s(count) };
  const { idom } = tree;
  const entry = reversePostorderAt(cfg, 0);
  idom[entry] = entry;
  tree.jump[entry] = entry;

  let isIrreducible = false;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < reachable; i++) {
      const block = reversePostorderAt(cfg, i);
      const edges = predecessorCount(cfg, block);
      let common = -1;
      for (let e = 0; e < edges; e++) {
        const other = predecessorAt(cfg, block, e);
        if (idom[other] === -1) continue;
        common = common === -1 ? other : isIrreducible ? meetByRank(cfg, idom, common, other) : meet(tree, common, other);
      }
      if (idom[block] === common) continue;
      isIrreducible ||= idom[block] !== -1;
      link(tree, block, common);
      changed = true;
    }
  }
  return { idom, ...numberTree(cfg, idom, entry) };
}

function link({ idom, depth, jump }: GrowingTree, block: number, parent: number): void {
  idom[block] = parent;
  depth[block] = (depth[parent] as number) + 1;
  // Two jumps of one length become one of twice that length, and a step more.
  const middle = jump[parent] as number;
  const far = jump[middle] as number;
  const isEven = (depth[parent] as number) - (depth[middle] as number) === (depth[middle] as number) - (depth[far] as number);
  jump[block] = isEven ? far : parent;
}

/** The nearest common ancestor. */
function meet({ idom, depth, jump }: GrowingTree, a: number, b: number): number {
  let [x, y] = (depth[a] as number) > (depth[b] as number) ? [a, b] : [b, a];
  const level = depth[y] as number;
  while ((depth[x] as number) > level) {
    const far = jump[x] as number;
    x = (depth[far] as number) >= level ? far : (idom[x] as number);
  }
  while (x !== y) {
    const isTooFar = jump[x] === jump[y];
    x = (isTooFar ? idom[x] : jump[x]) as number;
    y = (isTooFar ? idom[y] : jump[y]) as number;
  }
  return x;
}

/** The same by the tree's edges alone; ranks grow towards the entry. */
function meetByRank({ rank }: Cfg, idom: Int32Array, a: number, b: number): number {
  let [x, y] = [a, b];
  while (x !== y) {
    if ((rank[x] as number) < (rank[y] as number)) x = idom[x] as number;
    else y = idom[y] as number;
  }
  return x;
}

function numberTree(cfg: Cfg, idom: Int32Array, entry: Block): Pick<Dominators, 'preorder' | 'enter' | 'size'> {
  const count = idom.length;
  const reachable = reachableCount(cfg);
  const size = newInt32s(count);
  // Postorder of the graph puts every block before its immediate dominator.
  for (let i = 0; i < reachable; i++) {
    const block = cfg.postorder[i] as number;
    size[block] = (size[block] as number) + 1;
    if (block !== entry) {
      const parent = idom[block] as number;
      size[parent] = (size[parent] as number) + (size[block] as number);
    }
  }
  const enter = newInt32s(count).fill(-1);
  const preorder = newInt32s(reachable);
  // First number not yet given to a child of the block.
  const free = newInt32s(count);
  for (let i = 0; i < reachable; i++) {
    const block = reversePostorderAt(cfg, i);
    let number = 0;
    if (block !== entry) {
      const parent = idom[block] as number;
      number = free[parent] as number;
      free[parent] = number + (size[block] as number);
    }
    enter[block] = number;
    free[block] = number + 1;
    preorder[number] = block;
  }
  return { preorder, enter, size };
}

/** True if every path from the entry to `b` passes `a`; a block dominates itself. Both must be reachable. */
export function dominates(tree: Dominators, a: Block, b: Block): boolean {
  const from = tree.enter[a] as number;
  const inner = tree.enter[b] as number;
  return inner >= from && inner < from + (tree.size[a] as number);
}

export const immediateDominator = (tree: Dominators, block: Block): Block => asBlock(tree.idom[block] as number);
