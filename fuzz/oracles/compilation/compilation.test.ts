// What judges a compilation by itself: silent over generated modules, loud over a fault that no engine can see.

import { expect, test } from 'vitest';
import { operandsInAnyOrder } from '../../faults/operands-in-any-order.ts';
import { shiftLeftGoesRight } from '../../faults/shift-left-goes-right.ts';
import { randomChoices } from '../../generate/choices.ts';
import { generateModule } from '../../generate/module.ts';
import { openEngine } from '../engines/index.ts';
import { observe, planFor } from '../observe.ts';
import { vote } from '../vote.ts';
import { configurations } from './configurations.ts';
import { determinism } from './determinism.ts';
import { emitted } from './emitted.ts';
import { compilationOracles } from './index.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';
import type { Fault } from '../../../compiler/inside.ts';

/** Verdicts over some modules, each configuration in turn. */
function verdicts(oracle: CompilationOracle, faults: readonly Fault[], modules = configurations.length * 2): CompilationVerdict[] {
  return Array.from({ length: modules }, (_, turn) => oracle.ask(generateModule(randomChoices(turn + 1)), turn, faults));
}

test.for(compilationOracles)('$name has nothing to say against the compiler as it is', (oracle) => {
  const all = verdicts(oracle, []);
  expect(all.filter(({ verdict }) => verdict === 'disagree')).toEqual([]);
  expect(all.filter(({ verdict }) => verdict === 'agree').length).toBeGreaterThan(configurations.length);
});

test('operands in any order: every engine agrees, and only compiling twice shows it', async () => {
  const engines = [await openEngine('interp'), await openEngine('ir', operandsInAnyOrder.faults), await openEngine('ir-opt', operandsInAnyOrder.faults)];
  for (let number = 1; number <= 20; number++) {
    const bytes = generateModule(randomChoices(number));
    const plan = planFor(bytes);
    expect(vote(engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) })), plan).verdict).not.toBe('disagree');
  }
  expect(verdicts(emitted, operandsInAnyOrder.faults).filter(({ verdict }) => verdict === 'disagree')).toEqual([]);
  const found = verdicts(determinism, operandsInAnyOrder.faults, configurations.length * 4).filter((verdict) => verdict.verdict === 'disagree');
  expect(found.length).toBeGreaterThan(3);
  for (const { fingerprint } of found) expect(['code', 'functions', 'traps', 'origins']).toContain(fingerprint);
});

test('a wrong digit in the encoding is seen in the bytes, and compiling twice sees nothing', () => {
  const found = verdicts(emitted, shiftLeftGoesRight.faults).filter((verdict) => verdict.verdict === 'disagree');
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ culprit, fingerprint }) => culprit.startsWith('x86-64') && fingerprint.startsWith('shl'))).toBe(true);
  expect(verdicts(determinism, shiftLeftGoesRight.faults).filter(({ verdict }) => verdict === 'disagree')).toEqual([]);
});
