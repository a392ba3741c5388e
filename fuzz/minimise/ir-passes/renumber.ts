// Gives values and blocks numbers in the order in which they stand.

import { type EditFunction, mapTargets, withValues } from '../ir-text.ts';
import { inEach, type IrPass } from './pass.ts';

function renumbered(f: EditFunction): EditFunction {
  const values = new Map<number, number>();
  const blocks = new Map<number, number>();
  for (const { number, parameters, instructions } of f.blocks) {
    blocks.set(number, blocks.size);
    for (const value of [...parameters, ...instructions.flatMap(({ results }) => results)]) values.set(value, values.size);
  }
  const of = (value: number): number => values.get(value) ?? value;
  const now = mapTargets(withValues(f, values), ({ block, args }) => ({ block: blocks.get(block) ?? block, args }));
  return {
    ...now,
    blocks: now.blocks.map(({ number, parameters, instructions }) => ({ number: blocks.get(number) ?? number, parameters: parameters.map(of), instructions: instructions.map((one) => ({ ...one, results: one.results.map(of) })) })),
    types: new Map(Array.from(values, ([value, other]) => [other, f.types.get(value) ?? 'i32'])),
  };
}

export const renumber: IrPass = { name: 'renumber', propose: inEach(() => [renumbered]) };
