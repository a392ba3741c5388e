// Allocation problems from choices: small corners of everything an instruction can demand, or functions shaped like compiled wasm under register pressure.

import { type Problem, randomProblem, typicalProblem } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';

/** A problem whose answer exists, with small corners of everything; the all-zero tape gives the smallest. */
export function drawCornerProblem(c: Choices): Problem {
  return randomProblem((n) => c.draw(n), { blocks: 12, instructions: 6, section: (build) => c.section(build) });
}

/** Mostly a problem of corners, now and then one like compiled code. */
export function drawProblem(c: Choices): Problem {
  if (c.chance(1, 8)) return typicalProblem((n) => c.draw(n), { instructions: 20 + c.draw(200), locals: 4 + c.draw(24), callsPerThousand: 20 * c.draw(4) });
  return drawCornerProblem(c);
}
