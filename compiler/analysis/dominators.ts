// Dominators of the reachable blocks, as a tree with numbered intervals.
// Needs:  the control-flow graph.
// Method: immediate dominators by intersection in reverse postorder until nothing changes; wasm's graphs are reducible, so two rounds do.
//         Each block then gets an interval in a preorder of the tree: a dominates b if b's number lies in a's interval.
// Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", 2001.

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

export function computeDominators(cfg: Cfg): Dominators {
  const { rank } = cfg;
  const count = rank.length;
  const reachable = reachableCount(cfg);
  const idom = newInt32s(count).fill(-1);
  const entry = reversePostorderAt(cfg, 0);
  idom[entry] = entry;

  let changed = true;
  while (changed) {
    changed = false;
    for (let i = 1; i < reachable; i++) {
      const block = reversePostorderAt(cfg, i);
      const edges = predecessorCount(cfg, block);
      let meet = -1;
      for (let e = 0; e < edges; e++) {
        let other: number = predecessorAt(cfg, block, e);
        if (idom[other] === -1) continue;
        if (meet === -1) {
          meet = other;
          continue;
        }
        // Walk the deeper of the two up until they meet; ranks grow towards the entry.
        while (other !== meet) {
          if ((rank[other] as number) < (rank[meet] as number)) other = idom[other] as number;
          else meet = idom[meet] as number;
        }
      }
      if (idom[block] !== meet) {
        idom[block] = meet;
        changed = true;
      }
    }
  }
  return { idom, ...numberTree(cfg, idom, entry) };
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
