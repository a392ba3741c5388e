// The dominance that the verifier goes by.

import { type Dominance, dominanceOf } from '../base/dominance.ts';
import { asBlock } from '../base/entity.ts';
import { type IrFunction, blockCount, blockOfCall, entryBlock, successorAt, successorCount, terminatorOf } from './function.ts';

/** Dominance of a function whose every block ends in a terminator. */
export function computeDominance(f: IrFunction): Dominance {
  return dominanceOf({
    blocks: blockCount(f),
    entry: entryBlock(f),
    successorCount: (block) => successorCount(f, terminatorOf(f, asBlock(block))),
    successorAt: (block, number) => blockOfCall(f, successorAt(f, terminatorOf(f, asBlock(block)), number)),
  });
}
