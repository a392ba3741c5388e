// Allocation problems from choices: small corners of everything an instruction can demand, or functions shaped like compiled wasm under register pressure.

import { type Problem, randomProblem, typicalProblem } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';

/** A problem whose answer exists; the all-zero tape gives the smallest. */
export function drawProblem(c: Choices): Problem {
  const choose = (n: number): number => c.draw(n);
  if (c.chance(1, 8)) return typicalProblem(choose, { instructions: 20 + c.draw(200), locals: 4 + c.draw(24), callsPerThousand: 20 * c.draw(4) });
  return randomProblem(choose, { blocks: 1 + c.draw(16), instructions: 1 + c.draw(8) });
}
