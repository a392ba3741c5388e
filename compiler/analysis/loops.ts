// Natural loops: a header, and every block that reaches a back edge to it without passing it.
// Needs:  the control-flow graph, dominators.
// Method: headers in reverse order of the dominator tree's preorder, so that inner loops are found first; a loop's body is collected backwards
//         from its back edges, stepping over inner loops found already as if they were one block; paths to the outermost loop are shortened.
// Edges into the middle of a cycle (irreducible code) make no loop: what is not a loop here may still run often.
// Cost:   nearly linear in edges, however deep loops nest.

import { type Block, asBlock } from '../base/entity.ts';
import { newInt32s } from '../base/storage.ts';
import { type Cfg, isReachable, predecessorAt, predecessorCount } from './cfg.ts';
import { type Dominators, dominates } from './dominators.ts';

export interface Loops {
  /** Header block of each loop; inner loops come before the loops around them. */
  readonly header: readonly Block[];
  /** Loop around each loop, or -1. */
  readonly parent: readonly number[];
  /** Innermost loop of each block, or -1. */
  readonly loopOf: Int32Array;
  /** Loops around each block, its own counted. */
  readonly depth: Int32Array;
}

export function computeLoops(cfg: Cfg, tree: Dominators): Loops {
  const header: Block[] = [];
  const parent: number[] = [];
  const loopOf = newInt32s(cfg.rank.length).fill(-1);
  // Per loop, a loop around it on the way to the outermost one found so far, or itself.
  const above: number[] = [];
  const outermost = (loop: number): number => {
    let top = loop;
    while (above[top] !== top) top = above[top] as number;
    for (let at = loop; at !== top; ) {
      const next = above[at] as number;
      above[at] = top;
      at = next;
    }
    return top;
  };
  const work: Block[] = [];
  for (let i = tree.preorder.length - 1; i >= 0; i--) {
    const head = asBlock(tree.preorder[i] as number);
    work.length = 0;
    const edges = predecessorCount(cfg, head);
    for (let e = 0; e < edges; e++) {
      const source = predecessorAt(cfg, head, e);
      if (dominates(tree, head, source)) work.push(source);
    }
    if (work.length === 0) continue;
    const loop = header.push(head) - 1;
    parent.push(-1);
    above.push(loop);
    while (work.length > 0) {
      const block = work.pop() as Block;
      const inner = loopOf[block] as number;
      if (inner === -1) {
        loopOf[block] = loop;
        if (block !== head) pushPredecessors(cfg, block, work);
        continue;
      }
      const outer = outermost(inner);
      if (outer === loop) continue;
      parent[outer] = loop;
      above[outer] = loop;
      pushPredecessors(cfg, header[outer] as Block, work);
    }
    loopOf[head] = loopOf[head] === -1 ? loop : (loopOf[head] as number);
  }
  return { header, parent, loopOf, depth: depths(parent, loopOf) };
}

function pushPredecessors(cfg: Cfg, block: Block, work: Block[]): void {
  const edges = predecessorCount(cfg, block);
  for (let e = 0; e < edges; e++) {
    const source = predecessorAt(cfg, block, e);
    if (isReachable(cfg, source)) work.push(source);
  }
}

function depths(parent: readonly number[], loopOf: Int32Array): Int32Array {
  const ofLoop = newInt32s(parent.length);
  // A loop around another has the larger number.
  for (let loop = parent.length - 1; loop >= 0; loop--) {
    const outer = parent[loop] as number;
    ofLoop[loop] = outer === -1 ? 1 : (ofLoop[outer] as number) + 1;
  }
  return loopOf.map((loop) => (loop === -1 ? 0 : (ofLoop[loop] as number)));
}

/** True if `block` lies in `loop` or in a loop inside it. */
export function loopContains(loops: Loops, loop: number, block: Block): boolean {
  for (let at = loops.loopOf[block] as number; at !== -1; at = loops.parent[at] as number) if (at === loop) return true;
  return false;
}
