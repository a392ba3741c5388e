// What judges a compilation by itself: silent over generated modules, loud over faults that no engine can see.

import { expect, test } from 'vitest';
import { shiftLeftGoesRight } from '../../faults/shift-left-goes-right.ts';
import { unseenFaults } from '../../faults/unseen.ts';
import { randomChoices } from '../../generate/choices.ts';
import { generateModule } from '../../generate/module.ts';
import { parseText } from '../../wast/text.ts';
import type { Engine } from '../engine.ts';
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
async function verdicts(oracle: CompilationOracle, faults: readonly Fault[], modules = configurations.length + 5): Promise<CompilationVerdict[]> {
  const all: CompilationVerdict[] = [];
  for (let turn = 0; turn < modules; turn++) all.push(await oracle.ask(generateModule(randomChoices(turn + 1)), turn, faults));
  return all;
}

const isDisagreement = (verdict: CompilationVerdict): verdict is Extract<CompilationVerdict, { verdict: 'disagree' }> => verdict.verdict === 'disagree';

test.for(compilationOracles)('$name has nothing to say against the compiler as it is', async (oracle) => {
  const all = await verdicts(oracle, []);
  expect(all.filter(isDisagreement)).toEqual([]);
  expect(all.filter(({ verdict }) => verdict === 'agree').length).toBeGreaterThan(configurations.length / 2);
});

/** The reference, the IR before and after the mid-end, and machine code of every target that runs here, all with the faults. */
async function enginesWith(faults: readonly Fault[]): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of ['interp', 'ir', 'ir-opt', 'x86-64', 'aarch64', 'riscv64']) {
    const engine = await openEngine(name, faults);
    if (engine.availability().available) engines.push(engine);
  }
  return engines;
}

test.for(unseenFaults)('$name: every engine agrees, and only $oracle sees it', { timeout: 60_000 }, async ({ faults, oracle, witness }) => {
  const text = await parseText(witness);
  if (text.kind === 'malformed') throw new Error(text.message);
  const engines = await enginesWith(faults);
  for (const bytes of [text.bytes, ...Array.from({ length: 3 }, (_, number) => generateModule(randomChoices(number + 1)))]) {
    const plan = planFor(bytes);
    expect(vote(engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) })), plan).verdict).not.toBe('disagree');
  }
  const loud = new Set<string>();
  for (const asked of compilationOracles) {
    for (let turn = 0; turn < configurations.length; turn++) if ((await asked.ask(text.bytes, turn, faults)).verdict === 'disagree') loud.add(asked.name);
  }
  expect([...loud]).toEqual([oracle]);
});

test('an order that comes from nowhere shows in modules of all kinds', async () => {
  const anyOrder = unseenFaults.find(({ name }) => name === 'operands-in-any-order');
  const found = (await verdicts(determinism, anyOrder?.faults ?? [], 48)).filter(isDisagreement);
  expect(found.length).toBeGreaterThan(3);
  for (const { fingerprint } of found) expect(['code', 'functions', 'traps', 'origins']).toContain(fingerprint);
});

test('a wrong digit in the encoding is seen in the bytes, and compiling twice sees nothing', async () => {
  const found = (await verdicts(emitted, shiftLeftGoesRight.faults)).filter(isDisagreement);
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ culprit, fingerprint }) => culprit.startsWith('x86-64') && fingerprint.startsWith('shl'))).toBe(true);
  expect((await verdicts(determinism, shiftLeftGoesRight.faults)).filter(isDisagreement)).toEqual([]);
});
