// Makes two blocks one: a block that one jump alone leads to is put in the place of that jump; a block that only jumps on is skipped.

import { edgesTo, type EditFunction, endsBlock, mapTargets, targetsOf, withoutUnreachable, withValues } from '../ir-text.ts';
import { inEach, type IrPass } from './pass.ts';

function merged(f: EditFunction, first: number): EditFunction | undefined {
  const block = f.blocks.find(({ number }) => number === first);
  const jump = block?.instructions.at(-1);
  const target = jump?.name === 'jump' ? targetsOf(jump)[0] : undefined;
  const second = f.blocks.find(({ number }) => number === target?.block);
  if (block === undefined || target === undefined || second === undefined || second === f.blocks[0] || second === block || edgesTo(f, second.number) !== 1) return undefined;
  const joined = { ...block, instructions: [...block.instructions.slice(0, -1), ...second.instructions] };
  const by = new Map(second.parameters.map((value, place) => [value, target.args[place] ?? value]));
  return withValues({ ...f, blocks: f.blocks.filter((one) => one !== second).map((one) => (one === block ? joined : one)) }, by);
}

function skipped(f: EditFunction, number: number): EditFunction | undefined {
  const block = f.blocks.find((one) => one.number === number);
  const [jump] = block?.instructions ?? [];
  const onward = jump?.name === 'jump' ? targetsOf(jump)[0] : undefined;
  if (block === undefined || onward === undefined || block === f.blocks[0] || onward.block === number) return undefined;
  return withoutUnreachable(mapTargets(f, (target) => {
    if (target.block !== number) return target;
    // What it was given takes the place of its parameters on the way.
    const by = new Map(block.parameters.map((value, place) => [value, target.args[place] ?? value]));
    return { block: onward.block, args: onward.args.map((value) => by.get(value) ?? value) };
  }));
}

export const mergeBlocks: IrPass = {
  name: 'merge-blocks',
  propose: inEach((f) => f.blocks.flatMap(({ number, instructions: [first] }) => [
    (now: EditFunction) => merged(now, number),
    ...(first !== undefined && endsBlock(first) ? [(now: EditFunction) => skipped(now, number)] : []),
  ])),
};
