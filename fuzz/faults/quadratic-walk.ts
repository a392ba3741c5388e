// A fault of cost: a pass looks at every instruction once for each instruction, and changes nothing. No result differs and no module of a campaign is large
// enough to show it; who doubles a function sees the pass take four times as long.

import { asInst, instCount, type Level, maybeBlockOf, opcodeOf, type TransformerFault } from '../../compiler/inside.ts';

function walkForEach(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  let alike = 0;
  for (let i = 0; i < instCount(f); i++) {
    for (let j = 0; j < instCount(f); j++) if (maybeBlockOf(f, asInst(j)) !== undefined && opcodeOf(f, asInst(i)) === opcodeOf(f, asInst(j))) alike++;
  }
  if (alike < 0) throw new RangeError('a count below zero');
  return level;
}

const walk: TransformerFault = { kind: 'transformer', name: 'quadratic-walk', stage: 'simplify', transform: walkForEach };

/** Not among the faults that engines or oracles of compilations must show: `assay growth` does. */
export const quadraticWalk = { name: 'quadratic-walk', faults: [walk] } as const;
