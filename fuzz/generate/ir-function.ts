// IR functions from choices: well-formed, with nothing undefined in them, of any shape of graph.

import { type IrFunction, randomFunction } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';

/** A function that verifies; the all-zero tape gives one block with one instruction. */
export function drawIrFunction(c: Choices): IrFunction {
  return randomFunction((n) => c.draw(n), { maxBlocks: 8, maxInstructions: 16, section: (build) => c.section(build) });
}
