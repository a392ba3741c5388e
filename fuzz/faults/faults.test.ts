// The lab's eyes: each planted fault is caught, on its witness and by random modules, and the stage it sits in is named.

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

const native = (await openEngine('x86-64')).availability();

async function enginesWith(fault: PlantedFault | undefined): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of ['interp', 'x86-64', 'v8']) engines.push(await openEngine(name, fault?.faults));
  return engines;
}

async function witnessOf(fault: PlantedFault): Promise<Uint8Array> {
  const text = await parseText(fault.witness);
  if (text.kind === 'malformed') throw new Error(text.message);
  return text.bytes;
}

test.for(plantedFaults)('$name: its witness names the level', async (fault, { skip }) => {
  if (!native.available) skip(native.reason);
  const bytes = await witnessOf(fault);
  const clean = await moduleSideBySide(await enginesWith(undefined), bytes);
  expect(clean.verdict).toBe('agree');
  const planted = await moduleSideBySide(await enginesWith(fault), bytes, undefined, fault.faults);
  expect(planted.verdict).toBe('disagree');
  expect(planted.odd).toBe('x86-64');
  expect(planted.location?.level).toBe(fault.level);
  expect(planted.location?.rule).toBe(fault.rule);
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

test.for(plantedFaults)('$name: random modules find it', async (fault, { skip }) => {
  if (!native.available) skip(native.reason);
  const [interp, x64] = await enginesWith(fault);
  if (interp === undefined || x64 === undefined) throw new Error('no engines');
  expect(firstCaught([interp, x64], 1500)).toBeDefined();
});

test('without a fault, random modules find nothing', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  const engines = await enginesWith(undefined);
  expect(firstCaught(engines, 150)).toBeUndefined();
});
