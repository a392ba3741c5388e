// The order in which an allocator walks blocks, and the loops it must respect.
// Leaves: a postorder of all blocks (unreachable ones last), ranks in its reverse, and the innermost natural loop of each block.
// Method: iterative depth-first search; loops from innermost out, by walking predecessors backwards from each retreating edge and
//         collapsing finished loops with union-find. A target of a retreating edge that does not dominate its source (irreducible
//         flow, which wasm cannot express) owns no loop.
// Cost:   near-linear in edges: a block enters one work list per loop that directly contains it.

import { i32At, u8At } from '../base/cells.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import { type Problem, problemBlockCount } from './problem.ts';

export interface Flow {
  /** Blocks, each after all its successors except along retreating edges. */
  readonly postorder: Int32Array;
  /** Position of each block in reverse postorder; a dominator has a lower rank than what it dominates. */
  readonly rank: Int32Array;
  /** Innermost loop of each block, named by its header block, or -1. A header is in its own loop. */
  readonly loopOf: Int32Array;
  /** The loop around the loop with this header, or -1. */
  readonly outerLoop: Int32Array;
  /** 1 for a block entered by an edge from a block of the same or higher rank. */
  readonly retreatTarget: Uint8Array;
}

function find(representative: Int32Array, block: number): number {
  let root = block;
  for (let next = i32At(representative, root); next !== root; next = i32At(representative, root)) root = next;
  for (let b = block; b !== root; ) {
    const next = i32At(representative, b);
    representative[b] = root;
    b = next;
  }
  return root;
}

/** Successors are searched from the last and, of two, from the one in fewer loops, so that a loop's blocks get ranks close together. */
function searchFirst(p: Problem, block: number): number {
  const start = i32At(p.successorStart, block);
  if (i32At(p.successorStart, block + 1) - start !== 2) return -1;
  const first = i32At(p.successors, start);
  const second = i32At(p.successors, start + 1);
  return u8At(p.loopDepth, first) < u8At(p.loopDepth, second) ? start : start + 1;
}

function numberBlocks(p: Problem, postorder: Int32Array, rank: Int32Array): number {
  const blocks = problemBlockCount(p);
  const stack = newInt32s(blocks);
  // Successors still to visit, counted down; the special first pick of two-way blocks is visit number `count`.
  const left = newInt32s(blocks).fill(-1);
  let finished = 0;
  let reachable = 0;
  for (let root = 0; root < blocks; root++) {
    if (i32At(left, root) !== -1) continue;
    let depth = 0;
    stack[depth++] = root;
    left[root] = i32At(p.successorStart, root + 1) - i32At(p.successorStart, root);
    while (depth > 0) {
      const b = i32At(stack, depth - 1);
      const remaining = i32At(left, b);
      if (remaining === 0) {
        depth--;
        rank[b] = finished;
        postorder[finished++] = b;
        continue;
      }
      left[b] = remaining - 1;
      const start = i32At(p.successorStart, b);
      const pick = searchFirst(p, b);
      const edge = pick < 0 ? start + remaining - 1 : remaining === 2 ? pick : start + start + 1 - pick;
      const s = i32At(p.successors, edge);
      if (i32At(left, s) !== -1) continue;
      left[s] = i32At(p.successorStart, s + 1) - i32At(p.successorStart, s);
      stack[depth++] = s;
    }
    if (root === 0) reachable = finished;
  }
  for (let b = 0; b < blocks; b++) rank[b] = blocks - 1 - i32At(rank, b);
  return reachable;
}

/** Orders the blocks of `p` and finds its loops. */
export function findFlow(p: Problem): Flow {
  const blocks = problemBlockCount(p);
  const postorder = newInt32s(blocks);
  const rank = newInt32s(blocks);
  const reachable = numberBlocks(p, postorder, rank);
  const loopOf = newInt32s(blocks).fill(-1);
  const outerLoop = newInt32s(blocks).fill(-1);
  const retreatTarget = newBytes(blocks);
  let anyRetreat = false;
  for (let b = 0; b < blocks; b++) {
    for (let e = i32At(p.successorStart, b); e < i32At(p.successorStart, b + 1); e++) {
      const s = i32At(p.successors, e);
      if (i32At(rank, s) > i32At(rank, b)) continue;
      retreatTarget[s] = 1;
      anyRetreat = true;
    }
  }
  const flow = { postorder, rank, loopOf, outerLoop, retreatTarget };
  if (anyRetreat) findLoops(p, flow, reachable);
  return flow;
}

function findLoops(p: Problem, flow: Flow, reachable: number): void {
  const { postorder, rank, loopOf, outerLoop, retreatTarget } = flow;
  const blocks = postorder.length;
  const representative = newInt32s(blocks);
  for (let b = 0; b < blocks; b++) representative[b] = b;
  const inLoop = newInt32s(blocks).fill(-1);
  const members = newInt32s(blocks);
  // Highest rank first: inner loops before outer ones. Unreachable blocks come last in postorder and are left alone.
  for (let position = 0; position < reachable; position++) {
    const header = i32At(postorder, position);
    if (u8At(retreatTarget, header) === 0) continue;
    const headerRank = i32At(rank, header);
    let count = 0;
    let reducible = true;
    inLoop[header] = header;
    const addPredecessors = (block: number, latchesOnly: boolean): void => {
      for (let e = i32At(p.predecessorStart, block); e < i32At(p.predecessorStart, block + 1); e++) {
        const predecessor = i32At(p.predecessors, e);
        const predecessorRank = i32At(rank, predecessor);
        if (predecessorRank < blocks - reachable) continue;
        if (latchesOnly && predecessorRank < headerRank) continue;
        const member = find(representative, predecessor);
        if (i32At(rank, member) < headerRank) reducible = false;
        else if (i32At(inLoop, member) !== header) {
          inLoop[member] = header;
          members[count++] = member;
        }
      }
    };
    addPredecessors(header, true);
    for (let m = 0; m < count && reducible; m++) addPredecessors(i32At(members, m), false);
    if (!reducible) continue;
    loopOf[header] = header;
    for (let m = 0; m < count; m++) {
      const member = i32At(members, m);
      representative[member] = header;
      if (i32At(loopOf, member) === member) outerLoop[member] = header;
      else loopOf[member] = header;
    }
  }
}
