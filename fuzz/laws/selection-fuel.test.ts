// The law that lets bisection name a lowering rule: a particular rule and the more general one that stands in for it mean the same, whatever the fuel.

import { expect, test } from 'vitest';
import { CountingControl, ruleNamesOf, type TargetName, targetNames, targetOf } from '../../compiler/inside.ts';
import { compile } from '../../compiler/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { generateInstructionModule } from '../generate/one-instruction.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';

const reference = await openEngine('interp');
/** Code under an emulator is slow to start. */
const roundsOn = (target: TargetName): number => (targetOf(target).inProcess === undefined ? 9 : 36);

test.for(targetNames)('%s: without particular lowering rules, modules behave the same', async (target, { skip }) => {
  const probe = (await openEngine(target)).availability();
  if (!probe.available) skip(probe.reason);
  const lowering = new Set(ruleNamesOf(target).filter((name) => !name.startsWith('simplify/')));
  const limits = (what: string): boolean => lowering.has(what);
  let refused = 0;
  for (let seed = 0; seed < roundsOn(target); seed++) {
    const bytes = seed % 3 === 2 ? generateInstructionModule(randomChoices(seed)) : generateModule(randomChoices(seed));
    const plan = planFor(bytes, 2);
    const expected = observe(reference, bytes, plan);
    const counting = new CountingControl({ limits });
    if (!compile(bytes, { target, control: counting }).ok) throw new Error('a generated module is refused');
    for (const fuel of [0, counting.asked >> 1]) {
      const control = new CountingControl({ fuel, limits });
      const engine = await openEngine(target, [], { control });
      expect(compareBehaviours(expected, observe(engine, bytes, plan), plan), `seed ${seed}, fuel ${fuel}`).not.toMatchObject({ verdict: 'disagree' });
      refused += control.asked - fuel;
    }
  }
  expect(refused).toBeGreaterThan(100);
});
