// Takes single instructions out of code that is never run, for what is interesting because of such code: a validator that is wrong about it. There, types
// ask for little, so almost any instruction may go; in a block of such code `unreachable` stands for what is in front of an instruction, or for the rest.

import type { Change } from '../../edit/apply.ts';
import { type Code, countInstructions, instruction, isTerminator } from '../../edit/instructions.ts';
import { largestFirst, type ModulePass, ownFunctions } from './pass.ts';
import { maybeUnwrapped } from './unwrap-blocks.ts';

interface Sized {
  readonly size: number;
  readonly change: Change;
}

function dead(list: Code, start: number, found: Sized[]): void {
  for (let at = start; at < list.length; at++) {
    const one = list[at];
    if (one === undefined) break;
    const size = countInstructions([one]);
    found.push({ size, change: { kind: 'code', list, from: at, to: at, by: [] } });
    for (const arm of [one.body, one.otherwise]) {
      if (arm === undefined) continue;
      const inner = maybeUnwrapped(arm);
      if (inner !== undefined) found.push({ size: size - countInstructions(inner), change: { kind: 'code', list, from: at, to: at, by: inner } });
      dead(arm, 0, found);
    }
    const before = list.slice(start, at);
    const behind = list.slice(at + 1);
    const unreachable = [instruction('unreachable')];
    if (before.length > 1) found.push({ size: countInstructions(before), change: { kind: 'code', list, from: start, to: at - 1, by: unreachable } });
    if (behind.length > 1) found.push({ size: countInstructions(behind), change: { kind: 'code', list, from: at + 1, to: list.length - 1, by: unreachable } });
  }
}

function live(list: Code, found: Sized[]): void {
  for (const [at, one] of list.entries()) {
    if (one.body !== undefined) live(one.body, found);
    if (one.otherwise !== undefined) live(one.otherwise, found);
    if (!isTerminator(one)) continue;
    dead(list, at + 1, found);
    return;
  }
}

export const thinDead: ModulePass = {
  name: 'thin-dead',
  propose: ({ m }) => {
    const found: Sized[] = [];
    for (const { body } of ownFunctions(m)) live(body, found);
    return largestFirst(found);
  },
};
