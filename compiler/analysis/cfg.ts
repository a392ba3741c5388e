// The control-flow graph of a function: reachable blocks in postorder, and the edges into each block.
// Needs:  every block in the layout ends in a terminator.
// An edge is one block call: a branch that names a block twice makes two. Facts are columns, valid until a branch changes.
// Cost:   linear in blocks and edges.

import { type Block, asBlock } from '../base/entity.ts';
import { BitSet } from '../base/bit-set.ts';
import { firstInt32s, newBytes, newInt32s } from '../base/storage.ts';
import {
  type IrFunction,
  blockCount,
  blockOfCall,
  entryBlock,
  maybeFirstBlock,
  maybeNextBlock,
  successorAt,
  successorCount,
  terminatorOf,
} from '../ir/function.ts';

export interface Cfg {
  /** Reachable blocks, each after its successors in the depth-first tree; the entry is last. */
  readonly postorder: Int32Array;
  /** Position of a block in `postorder`, -1 if it is unreachable. */
  readonly rank: Int32Array;
  /** Edges into block b are those from `edgeStart[b]` to `edgeStart[b + 1]`; only edges from reachable blocks count. */
  readonly edgeStart: Int32Array;
  /** Per edge, the block it leaves and the number of the successor there. */
  readonly edgeSource: Int32Array;
  readonly edgeNumber: Int32Array;
}

export function computeCfg(f: IrFunction): Cfg {
  const count = blockCount(f);
  const rank = newInt32s(count).fill(-1);
  const postorder = newInt32s(count);
  let finished = 0;
  let edges = 0;

  // Depth-first search with an explicit stack: a block stays on it until its last successor has been followed.
  const state = newBytes(count);
  const stack = newInt32s(count + 1);
  const nextSuccessor = newInt32s(count + 1);
  let depth = 0;
  const entry = entryBlock(f);
  stack[0] = entry;
  state[entry] = 1;
  while (depth >= 0) {
    const block = asBlock(stack[depth] as number);
    const last = terminatorOf(f, block);
    const successors = successorCount(f, last);
    let next = nextSuccessor[depth] as number;
    if (next === 0) edges += successors;
    let pushed = false;
    while (next < successors && !pushed) {
      const target = blockOfCall(f, successorAt(f, last, next++));
      if (state[target] !== 0) continue;
      state[target] = 1;
      nextSuccessor[depth] = next;
      depth++;
      stack[depth] = target;
      nextSuccessor[depth] = 0;
      pushed = true;
    }
    if (pushed) continue;
    rank[block] = finished;
    postorder[finished++] = block;
    depth--;
  }
  const { edgeStart, edgeSource, edgeNumber } = incomingEdges(f, postorder, finished, edges);
  return { postorder: firstInt32s(postorder, finished), rank, edgeStart, edgeSource, edgeNumber };
}

function incomingEdges(f: IrFunction, postorder: Int32Array, reachable: number, edges: number): Pick<Cfg, 'edgeStart' | 'edgeSource' | 'edgeNumber'> {
  // Counts stand two cells above their block, so that filling the rows leaves the starts in place, and one cell behind them that nobody reads.
  const start = newInt32s(blockCount(f) + 2);
  const source = newInt32s(edges);
  const number = newInt32s(edges);
  for (let round = 0; round < 2; round++) {
    // In reverse postorder, so that forward edges come before back edges in every row.
    for (let i = reachable - 1; i >= 0; i--) {
      const block = asBlock(postorder[i] as number);
      const last = terminatorOf(f, block);
      const successors = successorCount(f, last);
      for (let s = 0; s < successors; s++) {
        const target = blockOfCall(f, successorAt(f, last, s));
        if (round === 0) {
          start[target + 2] = (start[target + 2] as number) + 1;
          continue;
        }
        const at = start[target + 1] as number;
        source[at] = block;
        number[at] = s;
        start[target + 1] = at + 1;
      }
    }
    if (round === 0) for (let b = 2; b < start.length; b++) start[b] = (start[b] as number) + (start[b - 1] as number);
  }
  return { edgeStart: start, edgeSource: source, edgeNumber: number };
}

export const isReachable = (cfg: Cfg, block: Block): boolean => (cfg.rank[block] as number) >= 0;
/** Number of reachable blocks. */
export const reachableCount = (cfg: Cfg): number => cfg.postorder.length;
/** Reachable block `number` in reverse postorder: the entry first, every block after one of its predecessors. */
export const reversePostorderAt = (cfg: Cfg, number: number): Block => asBlock(cfg.postorder[cfg.postorder.length - 1 - number] as number);

export const predecessorCount = (cfg: Cfg, block: Block): number => (cfg.edgeStart[block + 1] as number) - (cfg.edgeStart[block] as number);
/** The block that edge `number` into `block` leaves. */
export const predecessorAt = (cfg: Cfg, block: Block, number: number): Block => asBlock(cfg.edgeSource[(cfg.edgeStart[block] as number) + number] as number);
/** Which successor of its source edge `number` into `block` is. */
export const successorNumberAt = (cfg: Cfg, block: Block, number: number): number => cfg.edgeNumber[(cfg.edgeStart[block] as number) + number] as number;

/** Blocks that an unreachable block branches to: edges that no row holds, so whoever changes parameters leaves those blocks alone. */
export function targetsOfUnreachable(f: IrFunction, cfg: Cfg): BitSet {
  const targets = new BitSet(blockCount(f));
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    if (isReachable(cfg, b)) continue;
    const last = terminatorOf(f, b);
    for (let s = 0; s < successorCount(f, last); s++) targets.add(blockOfCall(f, successorAt(f, last, s)));
  }
  return targets;
}
