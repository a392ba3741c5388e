// The check of emitted code finds nothing in what the emitters really make, on any ISA: it may be believed when it finds something.

import { expect, test } from 'vitest';
import { targetNames } from '../../compiler/inside.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { emissionFault } from './emission.ts';

test.for(targetNames)('%s: random modules are emitted as allocated', (target) => {
  for (let seed = 1; seed <= 40; seed++) {
    const bytes = generateModule(randomChoices(seed));
    expect(emissionFault(bytes, { target, opt: seed % 2 === 0 ? 'none' : 'speed', bounds: seed % 3 === 0 ? 'explicit' : 'guard', regalloc: seed % 5 === 0 ? 'backtracking' : 'single-pass' })?.text, `seed ${seed}`).toBeUndefined();
  }
});
