// Ends a block early: what stands from an instruction on goes, and the function returns constants there, or traps. Blocks that nothing leads to any more go too.

import { constantFor, type EditFunction, type IrInstruction, withNewValue, withoutUnreachable } from '../ir-text.ts';
import { inEach, type IrPass, placesOf } from './pass.ts';

function returned(f: EditFunction, id: number): { readonly f: EditFunction; readonly by: readonly IrInstruction[] } {
  let now = f;
  const values: number[] = [];
  const by: IrInstruction[] = [];
  for (const type of f.results) {
    const added = withNewValue(now, type);
    now = added.f;
    values.push(added.value);
    by.push(constantFor(now, added.value, id));
  }
  return { f: now, by: [...by, { id, results: [], name: 'return', words: values.map((value) => `v${value}`).join(', ') }] };
}

function endedAt(f: EditFunction, block: number, id: number, how: 'return' | 'trap'): EditFunction | undefined {
  const found = f.blocks.find(({ number }) => number === block);
  const at = found?.instructions.findIndex((one) => one.id === id) ?? -1;
  if (at < 0) return undefined;
  const { f: now, by } = how === 'trap' ? { f, by: [{ id, results: [], name: 'trap', words: 'unreachable' }] } : returned(f, id);
  return withoutUnreachable({ ...now, blocks: now.blocks.map((one) => (one.number === block ? { ...one, instructions: [...one.instructions.slice(0, at), ...by] } : one)) });
}

export const endEarly: IrPass = {
  name: 'end-early',
  propose: inEach((f) => {
    const size = new Map(f.blocks.map(({ number, instructions }) => [number, instructions.length]));
    const places = placesOf(f).filter(({ one }) => one.name !== 'trap').sort((a, b) => (size.get(b.block) ?? 0) - b.at - (size.get(a.block) ?? 0) + a.at);
    return places.flatMap(({ block, one }) => (['return', 'trap'] as const).map((how) => (now: EditFunction) => endedAt(now, block, one.id, how)));
  }),
};
