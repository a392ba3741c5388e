// Makes the arguments of an exported function's call part of the module. What exports are called with depends on the module's bytes, so as long as a
// function has parameters each change of the module changes them too; a function without any always does the same.

import type { Change } from '../../edit/apply.ts';
import { constantOf, maybePinned } from '../../edit/functions.ts';
import type { Instruction } from '../../edit/instructions.ts';
import { heapOf, isNullable } from '../../edit/typing.ts';
import { instruction } from '../../edit/instructions.ts';
import { signatureOf } from '../../edit/module.ts';
import { planFor } from '../../oracles/observe.ts';
import type { Value } from '../../oracles/value.ts';
import type { ModulePass } from './pass.ts';

function maybeConstant(value: Value, type: string): Instruction | undefined {
  if (value.type !== 'ref') return constantOf(value.type, value.bits);
  return value.kind === 'null' && isNullable(type) ? instruction('ref.null', heapOf(type)) : undefined;
}

/** Calls of each function that are tried. */
const mostCalls = 24;

export const pinArguments: ModulePass = {
  name: 'pin-arguments',
  propose: ({ m, bytes }) => {
    const changes: Change[] = [];
    const counts = new Map<string, number>();
    for (const { name, args } of planFor(bytes, mostCalls).calls) {
      const id = m.exports.find((one) => one.kind === 'function' && one.name === name)?.id;
      const one = m.functions.find((each) => each.id === id);
      const count = counts.get(name) ?? 0;
      if (one === undefined || one.from !== undefined || args.length === 0 || count >= mostCalls) continue;
      counts.set(name, count + 1);
      const { params } = signatureOf(m, one.type);
      const values = args.flatMap((arg, place) => maybeConstant(arg, params[place] ?? '') ?? []);
      if (values.length === params.length) changes.push({ kind: 'module', apply: (now) => maybePinned(now, one.id, values) });
    }
    return changes;
  },
};
