// The lab's eyes: each planted fault is caught on its witness, and the stage it sits in is named; those that show often are caught by random modules too.
// How long the lab needs for every one of them, from nothing, is what `assay museum` measures.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateInstructionModule } from '../generate/one-instruction.ts';
import { generateModule } from '../generate/module.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { moduleSideBySide } from '../oracles/side-by-side.ts';
import { vote } from '../oracles/vote.ts';
import { parseText } from '../wast/text.ts';
import type { PlantedFault } from './fault.ts';
import { plantedFaults } from './index.ts';

/** The engine that runs a fault's code: in a process of its own where that may die. */
const subjectOf = ({ target, isWild }: PlantedFault): string => (isWild === true ? `${target}-isolated` : target);

/** Why machine code of a target cannot run here; undefined where it can. */
async function whyNot(target: string): Promise<string | undefined> {
  const availability = (await openEngine(target)).availability();
  return availability.available ? undefined : availability.reason;
}

async function enginesWith(fault: PlantedFault | undefined, target: string): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of ['interp', target, 'v8']) engines.push(await openEngine(name, fault?.faults));
  return engines;
}

async function witnessOf(fault: PlantedFault): Promise<Uint8Array> {
  const text = await parseText(fault.witness);
  if (text.kind === 'malformed') throw new Error(text.message);
  return text.bytes;
}

test.for(plantedFaults)('$name: its witness names the level', { timeout: 180_000 }, async (fault, { skip }) => {
  const reason = await whyNot(subjectOf(fault));
  if (reason !== undefined) skip(reason);
  const bytes = await witnessOf(fault);
  const clean = await moduleSideBySide(await enginesWith(undefined, subjectOf(fault)), bytes);
  expect(clean.verdict).toBe('agree');
  const planted = await moduleSideBySide(await enginesWith(fault, subjectOf(fault)), bytes, undefined, fault.faults);
  expect(planted.verdict).toBe('disagree');
  expect(planted.odd).toBe(subjectOf(fault));
  expect(planted.location?.level).toBe(fault.level);
  if (fault.rule !== undefined) expect(planted.location?.rule).toBe(fault.rule);
});

test('there are faults of every part, and five of each further ISA', () => {
  const components = new Set(plantedFaults.map(({ component }) => component));
  expect([...components].sort()).toEqual(['allocation', 'encoding', 'frontend', 'lowering', 'mid-end', 'runtime', 'traps']);
  for (const target of ['aarch64', 'riscv64']) expect(plantedFaults.filter((fault) => fault.target === target).length).toBeGreaterThanOrEqual(5);
  expect(new Set(plantedFaults.map(({ name }) => name)).size).toBe(plantedFaults.length);
});

/** Modules that a fault needs until random ones show it; undefined when these are not enough. */
function firstCaught(engines: readonly Engine[], most: number): number | undefined {
  for (let number = 0; number < most; number++) {
    const bytes = number % 4 === 3 ? generateInstructionModule(randomChoices(number)) : generateModule(randomChoices(number));
    const plan = planFor(bytes);
    const ballots = engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) }));
    if (vote(ballots, plan).verdict === 'disagree') return number;
  }
  return undefined;
}

/** Those that show within some dozen modules. */
const frequent = new Set([
  'compare-gets-type-of-result', 'extension-fills-with-zero', 'xor-is-or', 'call-spares-a-register', 'operand-in-another-register', 'last-move-skipped', 'shift-left-goes-right', 'trap-codes-by-ordinal',
]);

test.for(plantedFaults.filter(({ name }) => frequent.has(name)))('$name: random modules find it', { timeout: 180_000 }, async (fault, { skip }) => {
  const reason = await whyNot(subjectOf(fault));
  if (reason !== undefined) skip(reason);
  const [interp, subject] = await enginesWith(fault, subjectOf(fault));
  if (interp === undefined || subject === undefined) throw new Error('no engines');
  expect(firstCaught([interp, subject], 500)).toBeDefined();
});

test('without a fault, random modules find nothing', { timeout: 180_000 }, async ({ skip }) => {
  const reason = await whyNot('x86-64');
  if (reason !== undefined) skip(reason);
  const engines = await enginesWith(undefined, 'x86-64');
  expect(firstCaught(engines, 100)).toBeUndefined();
});
