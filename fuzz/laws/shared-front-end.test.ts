// A shared front end changes nothing: with it and without it artifacts are the same, and a planted fault is never found in another's record.

import { expect, test } from 'vitest';
import { compile, type CompileResult } from '../../compiler/index.ts';
import { type CompileOptions, FrontEnd, targetNames } from '../../compiler/inside.ts';
import { selfTestFault } from '../faults/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';

const ways: readonly CompileOptions[] = [
  ...targetNames.map((target) => ({ target })), ...targetNames.map((target) => ({ target, opt: 'none' as const })), { bounds: 'explicit' }, { regalloc: 'backtracking' },
];

/** What of a compilation must be the same. */
function essence(result: CompileResult): unknown {
  if (!result.ok) return result.fault;
  const { artifact, proofs, ir } = result;
  return { artifact, ir: ir.length, proofs: proofs.map(({ index, proof }) => [index, proof.fingerprint]) };
}

test('compilations that share a front end give what each gives alone', () => {
  let compiled = 0;
  for (let seed = 0; seed < 12; seed++) {
    const bytes = (seed % 4 === 3 ? generateModernModule : generateModule)(randomChoices(seed));
    const frontEnd = new FrontEnd();
    for (const way of seed % 2 === 0 ? ways : ways.toReversed()) {
      const shared = compile(bytes, { ...way, check: true, frontEnd });
      if (shared.ok) compiled++;
      expect(essence(shared)).toEqual(essence(compile(bytes, { ...way, check: true })));
    }
  }
  expect(compiled).toBeGreaterThan(50);
});

test('a compilation with a planted fault leaves the record alone', () => {
  const { faults } = selfTestFault;
  let different = 0;
  for (let seed = 0; seed < 24; seed++) {
    const bytes = generateModule(randomChoices(seed));
    const frontEnd = new FrontEnd();
    const faulty = compile(bytes, { frontEnd, faults });
    const right = compile(bytes, { frontEnd });
    expect(essence(right)).toEqual(essence(compile(bytes)));
    expect(essence(compile(bytes, { frontEnd, faults }))).toEqual(essence(faulty));
    if (right.ok && faulty.ok && Buffer.compare(right.artifact.code, faulty.artifact.code) !== 0) different++;
  }
  expect(different).toBeGreaterThan(0);
});
