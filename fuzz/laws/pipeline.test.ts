// Laws of whole compilations: the same bytes and options give the same code; both allocators realise one data flow; fuel bounds what the mid-end does.

import { describe, expect, it } from 'vitest';
import { type Compilation, type CompileOptions, compile } from '../../compiler/index.ts';
import { CountingControl } from '../../compiler/inside.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

function compiled(seed: number, options: CompileOptions = {}): Compilation {
  const result = compile(generateModule(randomChoices(seed)), { check: true, ...options });
  if (!result.ok) throw new Error(result.fault.message);
  return result;
}

describe('compilations', () => {
  it('are deterministic', () => {
    for (const seed of seeds) expect(compiled(seed).artifact.code).toEqual(compiled(seed).artifact.code);
  });

  it('have one data flow, whichever allocator makes them', () => {
    let different = 0;
    for (const seed of seeds) {
      const single = compiled(seed, { regalloc: 'single-pass' });
      const backtracking = compiled(seed, { regalloc: 'backtracking' });
      expect(backtracking.proofs.map(({ proof }) => proof.fingerprint)).toEqual(single.proofs.map(({ proof }) => proof.fingerprint));
      if (Buffer.compare(single.artifact.code, backtracking.artifact.code) !== 0) different++;
    }
    // The two are not one allocator under two names.
    expect(different).toBeGreaterThan(seeds.length / 2);
  });

  it('change with fuel from what was translated to what all passes make', () => {
    for (const seed of seeds.slice(0, 10)) {
      const all = new CountingControl();
      const full = compiled(seed, { control: all });
      const none = compiled(seed, { control: new CountingControl({ fuel: 0 }) });
      const exact = compiled(seed, { control: new CountingControl({ fuel: all.asked }) });
      expect(exact.artifact.code).toEqual(full.artifact.code);
      if (all.asked > 50) expect(none.artifact.code).not.toEqual(full.artifact.code);
    }
  });
});
