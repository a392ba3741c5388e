// Decides which blocks vcode has and in what order, and where its edges lead.
// Needs:  every reachable block ends with a terminator; nothing branches to the entry.
// Leaves: no critical edges; arguments only where there is one successor.
// Method: the IR's layout if every block comes after one of its predecessors (then definitions come before uses), else reverse postorder.
//         An edge block is put right behind the block it leaves, if that block has several successors and the edge passes arguments or its
//         target has other predecessors. Equal entries of a jump table share one.
//         Loop depth: a branch to a block at or before its source closes a loop that spans the layout between them.

import { type Block, asBlock } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import {
  type BlockCall,
  type IrFunction,
  argumentAt,
  argumentCount,
  blockCount,
  blockOfCall,
  entryBlock,
  maybeFirstBlock,
  maybeNextBlock,
  opcodeOf,
  successorAt,
  successorCount,
  terminatorOf,
} from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';

/** The blocks of vcode: a copy of an IR block, or an edge. */
export interface BlockOrder {
  readonly count: number;
  /** Per block, the IR block it copies, or -1. */
  readonly irBlock: Int32Array;
  /** Per block that is an edge: position of its block call, else -1. */
  readonly edgeCall: Int32Array;
  readonly loopDepth: Uint8Array;
  /** Vcode block of each reachable IR block, else -1. */
  readonly blockOf: Int32Array;
  /** Vcode block that successor `number` of IR block b leads to: `targets[targetStart[b] + number]`. */
  readonly targetStart: Int32Array;
  readonly targets: Int32Array;
}

const maxDepth = 255;

export function orderBlocks(f: IrFunction): BlockOrder {
  const order = layoutOrPostorder(f);
  const predecessors = newInt32s(blockCount(f));
  const position = newInt32s(blockCount(f)).fill(-1);
  for (let i = 0; i < order.length; i++) position[order.at(i)] = i;
  for (let i = 0; i < order.length; i++) {
    const end = terminatorOf(f, asBlock(order.at(i)));
    const n = successorCount(f, end);
    for (let s = 0; s < n; s++) increment(predecessors, blockOfCall(f, successorAt(f, end, s)));
  }
  const depth = loopDepths(f, order, position);

  if ((predecessors[entryBlock(f)] as number) > 0) bug('branch to the entry block', `function ${f.index}`);
  const irBlock = new Int32Column();
  const edgeCall = new Int32Column();
  const loopDepth = new Int32Column();
  const blockOf = newInt32s(blockCount(f)).fill(-1);
  const targetStart = newInt32s(blockCount(f)).fill(-1);
  const targets = new Int32Column();
  const push = (block: number, call: number, depthHere: number): number => {
    edgeCall.push(call);
    loopDepth.push(depthHere);
    return irBlock.push(block);
  };
  // Targets that are no edge are stored as ~(IR block) until all blocks have numbers.
  for (let i = 0; i < order.length; i++) {
    const block = asBlock(order.at(i));
    const depthHere = depth[i] as number;
    blockOf[block] = push(block, -1, depthHere);
    targetStart[block] = targets.length;
    const end = terminatorOf(f, block);
    const n = successorCount(f, end);
    const shares = opcodeOf(f, end) === op.br_table;
    const firstEdge = irBlock.length;
    for (let s = 0; s < n; s++) {
      const call = successorAt(f, end, s);
      const target = blockOfCall(f, call);
      if (n === 1 || ((predecessors[target] as number) === 1 && argumentCount(f, call) === 0)) {
        targets.push(~target);
        continue;
      }
      let edge = shares ? findEqualEdge(f, edgeCall, firstEdge, call) : -1;
      if (edge < 0) edge = push(-1, call, Math.min(depthHere, depth[position[target] as number] as number));
      targets.push(edge);
    }
  }
  for (let i = 0; i < targets.length; i++) {
    const target = targets.at(i);
    if (target < 0) targets.set(i, blockOf[~target] as number);
  }
  const depths = newBytes(loopDepth.length);
  for (let i = 0; i < depths.length; i++) depths[i] = loopDepth.at(i);
  return { count: irBlock.length, irBlock: irBlock.inPlace(), edgeCall: edgeCall.inPlace(), loopDepth: depths, blockOf, targetStart, targets: targets.inPlace() };
}

/** How many edges of a jump table are compared before a new one is made: keeps tables with many different entries linear. */
const edgeWindow = 64;

function findEqualEdge(f: IrFunction, edgeCall: Int32Column, from: number, call: BlockCall): number {
  for (let edge = edgeCall.length - 1; edge >= from && edge >= edgeCall.length - edgeWindow; edge--) {
    if (equalCalls(f, edgeCall.at(edge) as BlockCall, call)) return edge;
  }
  return -1;
}
function equalCalls(f: IrFunction, a: BlockCall, b: BlockCall): boolean {
  if (blockOfCall(f, a) !== blockOfCall(f, b)) return false;
  const n = argumentCount(f, a);
  for (let i = 0; i < n; i++) if (argumentAt(f, a, i) !== argumentAt(f, b, i)) return false;
  return true;
}

/** Reachable blocks in an order in which each but the first has a predecessor before it. */
function layoutOrPostorder(f: IrFunction): Int32Column {
  const entry = entryBlock(f);
  const reached = newBytes(blockCount(f));
  const postorder = new Int32Column();
  // Depth-first with an explicit stack of (block, next successor).
  const stack = new Int32Column();
  reached[entry] = 1;
  stack.push(entry);
  stack.push(0);
  while (stack.length > 0) {
    const top = stack.length - 2;
    const block = asBlock(stack.at(top));
    const end = terminatorOf(f, block);
    const next = stack.at(top + 1);
    // Later successors first, so that earlier ones come first in reverse postorder.
    const number = successorCount(f, end) - 1 - next;
    if (number < 0) {
      postorder.push(block);
      stack.length = top;
      continue;
    }
    stack.set(top + 1, next + 1);
    const target = blockOfCall(f, successorAt(f, end, number));
    if (reached[target] === 0) {
      reached[target] = 1;
      stack.push(target);
      stack.push(0);
    }
  }
  const layout = new Int32Column();
  const preceded = newBytes(blockCount(f));
  preceded[entry] = 1;
  let sound = true;
  for (let b: Block | undefined = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    if (reached[b] === 0) continue;
    if (preceded[b] === 0) sound = false;
    layout.push(b);
    const end = terminatorOf(f, b);
    const n = successorCount(f, end);
    for (let s = 0; s < n; s++) preceded[blockOfCall(f, successorAt(f, end, s))] = 1;
  }
  if (sound) return layout;
  if (layout.length !== postorder.length) bug('branch to a block outside the layout', `function ${f.index}`);
  const reversed = new Int32Column();
  for (let i = postorder.length - 1; i >= 0; i--) reversed.push(postorder.at(i));
  return reversed;
}

/** Loop depth per position of the order. */
function loopDepths(f: IrFunction, order: Int32Column, position: Int32Array): Uint8Array {
  // Per loop head, the last position that branches back to it; loops with one head count once.
  const lastOfHead = newInt32s(order.length).fill(-1);
  for (let i = 0; i < order.length; i++) {
    const end = terminatorOf(f, asBlock(order.at(i)));
    const n = successorCount(f, end);
    for (let s = 0; s < n; s++) {
      const head = position[blockOfCall(f, successorAt(f, end, s))] as number;
      if (head <= i) lastOfHead[head] = i;
    }
  }
  const ends = newInt32s(order.length + 1);
  const depth = newBytes(order.length);
  let current = 0;
  for (let i = 0; i < order.length; i++) {
    const last = lastOfHead[i] as number;
    if (last >= 0) {
      current++;
      ends[last + 1] = (ends[last + 1] as number) + 1;
    }
    current -= ends[i] as number;
    depth[i] = Math.min(current, maxDepth);
  }
  return depth;
}

function increment(counts: Int32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}
