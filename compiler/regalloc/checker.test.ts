// Laws of allocation and proof on random problems: every allocation is accepted by three judges that share nothing, and every spoiled
// one that the checker accepts is also right by the other two.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CountingControl } from '../base/control.ts';
import { allocate, allocationAlgorithms } from './allocate.ts';
import { checkAllocation } from './checker.ts';
import type { Problem } from './problem.ts';
import { type FaultKind, type Verdict, describeFault } from './proof.ts';
import { choicesOfBytes, choicesOfSeed } from './testing/choices.ts';
import { spoilers } from './testing/corrupt.ts';
import { firstWrongRead } from './testing/executor.ts';
import { flowIsRight } from './testing/naive-checker.ts';
import { randomProblem } from './testing/random-problem.ts';

const flowKinds: ReadonlySet<FaultKind> = new Set(['wrong value', 'stale value', 'undefined value', 'clobbered', 'move too narrow', 'scratch register holds a value']);

const faultsOf = (verdict: Verdict): string[] => (verdict.kind === 'proof' ? [] : verdict.faults.map(describeFault));

function problemOfSeed(seed: number): Problem {
  const choose = choicesOfSeed(seed);
  return randomProblem(choose, { blocks: 1 + choose(24), instructions: 8 });
}

describe.each(allocationAlgorithms)('%s', (algorithm) => {
  test('allocations of shrinkable problems are proved', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000, size: 'max' }), (bytes) => {
        const p = randomProblem(choicesOfBytes(bytes), { blocks: 12, instructions: 6 });
        expect(faultsOf(checkAllocation(p, allocate(p, { algorithm })))).toEqual([]);
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  test('allocations of large problems are proved, and right by the naive twin and by execution', () => {
    for (let seed = 0; seed < 300; seed++) {
      const p = problemOfSeed(seed);
      const a = allocate(p, { algorithm });
      expect(faultsOf(checkAllocation(p, a)), `seed ${seed}`).toEqual([]);
      if (seed % 10 !== 0) continue;
      expect(flowIsRight(p, a), `seed ${seed}`).toBe(true);
      for (let path = 0; path < 5; path++) expect(firstWrongRead(p, a, choicesOfSeed(path), 40), `seed ${seed} path ${path}`).toBe(-1);
    }
  });

  test('chaos alters the allocation and never the data flow', () => {
    let altered = 0;
    for (let seed = 0; seed < 150; seed++) {
      const p = problemOfSeed(seed);
      const plain = allocate(p, { algorithm });
      const chaotic = allocate(p, { algorithm, control: new CountingControl({ chooser: choicesOfSeed(seed) }) });
      const verdict = checkAllocation(p, chaotic);
      expect(faultsOf(verdict), `seed ${seed}`).toEqual([]);
      expect(verdict).toMatchObject({ fingerprint: fingerprintOf(checkAllocation(p, plain)) });
      if (plain.locations.join() !== chaotic.locations.join()) altered++;
    }
    expect(altered).toBeGreaterThan(100);
  });

  test('the same problem gives the same allocation, whatever was allocated before', () => {
    for (let seed = 0; seed < 40; seed++) {
      const p = problemOfSeed(seed);
      const first = allocate(p, { algorithm });
      allocate(problemOfSeed(seed + 1000), { algorithm });
      expect(allocate(p, { algorithm })).toEqual(first);
    }
  });

  test.each(Object.entries(spoilers))('notices when %s', (_, spoil) => {
    let spoiled = 0;
    let noticed = 0;
    for (let seed = 0; seed < 80; seed++) {
      const choose = choicesOfSeed(seed + 5000);
      const p = problemOfSeed(seed);
      const wrong = spoil(p, allocate(p, { algorithm }), choose);
      if (wrong === undefined) continue;
      spoiled++;
      const verdict = checkAllocation(wrong.p, wrong.a);
      if (verdict.kind === 'proof') {
        expect(flowIsRight(wrong.p, wrong.a), `seed ${seed} twin`).toBe(true);
        for (let path = 0; path < 5; path++) expect(firstWrongRead(wrong.p, wrong.a, choose, 40), `seed ${seed} path ${path}`).toBe(-1);
        continue;
      }
      noticed++;
      if (verdict.faults.every((fault) => flowKinds.has(fault.kind))) {
        expect(flowIsRight(wrong.p, wrong.a), `seed ${seed}: ${faultsOf(verdict).join('; ')}`).toBe(false);
      }
    }
    expect(spoiled).toBeGreaterThan(15);
    expect(noticed).toBeGreaterThan(0);
  });

  test('shortcuts never change a verdict', () => {
    const told = (verdict: Verdict): unknown => (verdict.kind === 'proof' ? verdict : new Set(verdict.faults.map(({ kind, instruction, location }) => `${kind} ${instruction} ${location}`)));
    let refuted = 0;
    for (let seed = 0; seed < 100; seed++) {
      const choose = choicesOfSeed(seed + 7000);
      const p = randomProblem(choose, { blocks: 8 + choose(50), instructions: 1 + choose(8), ...(seed % 2 === 0 ? { isOrderly: true } : {}) });
      const a = allocate(p, { algorithm });
      expect(told(checkAllocation(p, a)), `seed ${seed}`).toEqual(told(checkAllocation(p, a, false)));
      for (const [name, spoil] of Object.entries(spoilers)) {
        for (let times = name === 'two slots become one' ? 10 : 1; times > 0; times--) {
          const wrong = spoil(p, a, choose);
          if (wrong === undefined) continue;
          const verdict = checkAllocation(wrong.p, wrong.a);
          if (verdict.kind === 'faults') refuted++;
          expect(told(verdict), `seed ${seed}, ${name}`).toEqual(told(checkAllocation(wrong.p, wrong.a, false)));
        }
      }
    }
    expect(refuted).toBeGreaterThan(500);
  });
});

test('both algorithms keep the same data flow', () => {
  for (let seed = 0; seed < 200; seed++) {
    const p = problemOfSeed(seed);
    const [first, second] = allocationAlgorithms.map((algorithm) => fingerprintOf(checkAllocation(p, allocate(p, { algorithm }))));
    expect(second, `seed ${seed}`).toBe(first);
  }
});

function fingerprintOf(verdict: Verdict): string {
  return verdict.kind === 'proof' ? verdict.fingerprint : 'none';
}
