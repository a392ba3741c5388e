// Lays out one allocated function: frame, blocks in order, moves in their places, code for traps behind it, then its constants and tables.
// Blocks that only jump are left out, and branches to them lead to where they lead.
// Needs:  vcode with locations for every cell that holds a virtual register; moves sorted by the instruction they stand before.
// Leaves: bytes, trap table, origins and relocations in the buffer; all labels of the function resolved.

import { newBytes, newInt32s } from '../base/storage.ts';
import type { CodeBuffer } from '../machine/code-buffer.ts';
import type { AllocatedCode } from '../machine/problem.ts';
import type { Frame, FunctionEmitter, Target } from '../machine/target.ts';
import { blockCountOf, endInstOf, firstInstOf, rowOfInst, successorCountOf, successorOf } from '../machine/vcode.ts';

/** Where a function came to lie, in bytes from the buffer's start. */
export interface EmittedFunction {
  readonly index: number;
  readonly start: number;
  /** End of the instructions; constants and jump tables lie between it and `end`. */
  readonly codeEnd: number;
  readonly end: number;
  readonly frameBytes: number;
  /** Where each block begins, and what ends it, in bytes from `start`; -1 for blocks that are left out. */
  readonly blockStart: Int32Array;
  readonly terminatorStart: Int32Array;
  /** Where the out-of-line traps begin, in bytes from `start`. */
  readonly coldStart: number;
}

const savedVmctxBytes = 16;

/** Places the parts of a frame. */
export function frameOf(code: AllocatedCode): Frame {
  const { vcode, allocation } = code;
  const saved = vcode.keepsVmctx ? savedVmctxBytes : 0;
  const spills = saved + allocation.spillBytes;
  return { bytes: (spills + vcode.outgoingBytes + 15) & ~15, spillOffset: -spills };
}

export function emitFunction(code: AllocatedCode, target: Target, emitter: FunctionEmitter, buffer: CodeBuffer): EmittedFunction {
  const { vcode } = code;
  buffer.align(target.functionAlignment, target.paddingByte);
  const start = buffer.length;
  const frame = frameOf(code);
  const forward = forwardBlocks(code, target);
  emitter.begin(code, frame);
  emitter.setForwarding(forward);
  emitter.setBounds(boundBlocks(code, emitter, forward));

  const { before, from, to, bytes } = code.allocation.moves;
  const blocks = blockCountOf(vcode);
  const blockStart = newInt32s(blocks).fill(-1);
  const terminatorStart = newInt32s(blocks).fill(-1);
  let move = 0;
  for (let block = 0; block < blocks; block++) {
    const end = endInstOf(vcode, block);
    if (forward[block] !== block) {
      // Only a block without moves is left out.
      continue;
    }
    emitter.block(block);
    blockStart[block] = buffer.length - start;
    for (let inst = firstInstOf(vcode, block); inst < end; inst++) {
      while (move < before.length && (before[move] as number) <= inst) {
        emitter.move(from[move] as number, to[move] as number, bytes[move] as number);
        move++;
      }
      if (inst === end - 1) {
        terminatorStart[block] = buffer.length - start;
        emitter.terminator(inst, nextEmitted(forward, block));
      } else emitter.instruction(inst);
    }
  }
  const coldStart = buffer.length - start;
  emitter.cold();
  const codeEnd = buffer.length;
  emitter.data();
  return { index: vcode.index, start, codeEnd, end: buffer.length, frameBytes: frame.bytes + target.frameOverhead, blockStart, terminatorStart, coldStart };
}

function nextEmitted(forward: Int32Array, block: number): number {
  let next = block + 1;
  while (next < forward.length && forward[next] !== next) next++;
  return next < forward.length ? next : -1;
}

/** For each block, itself, or the block that it leads to if it does nothing but jump. */
function forwardBlocks(code: AllocatedCode, target: Target): Int32Array {
  const { vcode } = code;
  const blocks = blockCountOf(vcode);
  const forward = newInt32s(blocks);
  const { before } = code.allocation.moves;
  let move = 0;
  for (let block = 0; block < blocks; block++) {
    const first = firstInstOf(vcode, block);
    const end = endInstOf(vcode, block);
    const firstMove = move;
    while (move < before.length && (before[move] as number) < end) move++;
    const onlyJumps =
      block !== 0 && end - first === 1 && move === firstMove && successorCountOf(vcode, block) === 1 && target.instructions.shape(rowOfInst(vcode, first)).row.ends === 'jump';
    forward[block] = onlyJumps ? successorOf(vcode, block, 0) : block;
  }
  // Chains are followed to their ends; one that closes on itself is an endless loop, of which one block is kept.
  const isEnded = newBytes(blocks);
  const chain: number[] = [];
  for (let block = 0; block < blocks; block++) {
    let end = block;
    for (let next = forward[end] as number; isEnded[end] === 0 && next !== end; next = forward[end] as number) {
      chain.push(end);
      isEnded[end] = 1;
      end = next;
    }
    // What stands in a chain that has its end leads there; what stands in this one closes it.
    const last = chain.includes(end) ? end : (forward[end] as number);
    for (const one of chain) forward[one] = last;
    chain.length = 0;
  }
  return forward;
}

/** Upper bounds of the blocks' offsets behind the prologue, with one more entry for the end of the last. */
function boundBlocks(code: AllocatedCode, emitter: FunctionEmitter, forward: Int32Array): Int32Array {
  const { vcode } = code;
  const { before } = code.allocation.moves;
  const blocks = blockCountOf(vcode);
  const bound = newInt32s(blocks + 1);
  let move = 0;
  for (let block = 0; block < blocks; block++) {
    let size = 0;
    const end = endInstOf(vcode, block);
    if (forward[block] === block) {
      for (let inst = firstInstOf(vcode, block); inst < end; inst++) size += emitter.sizeBound(inst);
    }
    for (; move < before.length && (before[move] as number) < end; move++) size += emitter.moveBound;
    bound[block + 1] = (bound[block] as number) + size;
  }
  return bound;
}
