// Linked modules: reproducible, valid, really linked, and behaving the same on every engine; what is found is kept as a script that shows it again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyTally } from '../campaign/tally.ts';
import { selfTestEngine } from '../campaign/self-test.ts';
import { selfTestFault } from '../faults/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateLinked, type LinkedModule } from '../generate/linked.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import type { Engine, Outcome } from '../oracles/engine.ts';
import { nativeEngineName, openEngine } from '../oracles/engines/index.ts';
import { observeLinked, planLinked } from '../oracles/linked.ts';
import { closed } from '../oracles/observe.ts';
import { readModuleInterface } from '../oracles/module-interface.ts';
import { readFinding, saveFinding } from '../triage/finding.ts';
import { parseText } from '../wast/text.ts';
import { printLinked, pairs, readLinked } from './pairs.ts';
import { readTrial } from './read-trial.ts';

const native = await nativeEngineName();

async function everyEngine(): Promise<readonly Engine[]> {
  const engines: Engine[] = [];
  for (const name of ['interp', 'v8', 'ir-opt', native, `${native}:none:backtracking`]) {
    const engine = await openEngine(name);
    if (engine.availability().available) engines.push(engine);
  }
  return engines;
}

async function module(name: string, text: string): Promise<LinkedModule> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return { name, bytes: parsed.bytes };
}

test('engines agree on generated pairs, whose modules import everything from each other', async () => {
  const engines = await everyEngine();
  const [reference, ...others] = engines;
  if (reference === undefined) throw new Error('no reference');
  const crossing = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const modules = generateLinked(randomChoices(seed));
    expect(generateLinked(randomChoices(seed))).toEqual(modules);
    expect(readLinked(printLinked(modules))).toEqual(modules);
    for (const { bytes } of modules) for (const it of readModuleInterface(bytes).imports) if (it.module !== 'host') crossing.add(it.kind);
    const plan = planLinked(modules, 2);
    const behaviour = closed(observeLinked(reference, modules, plan));
    expect(behaviour.kind).toBe('ran');
    for (const other of others) expect(compareBehaviours(behaviour, closed(observeLinked(other, modules, plan)), plan)).not.toHaveProperty('detail');
  }
  expect([...crossing].sort()).toEqual(['function', 'global', 'memory', 'table', 'tag']);
});

const values = (outcomes: readonly Outcome[]): readonly unknown[] => outcomes.map((outcome) => (outcome.kind === 'values' ? outcome.values.map((value) => (value.type === 'i32' ? value.bits : value)) : outcome.kind));

test('growth is seen on both sides, and a call goes through a shared table and comes back', async () => {
  const modules = [
    await module('a', `(module (memory (export "m0") 1 4) (table (export "t0") 2 funcref) (global (export "g0") (mut i32) (i32.const 5)) (type $f (func (result i32)))
      (func (export "f0") (result i32) (memory.size)) (func (export "f1") (result i32) (call_indirect (type $f) (i32.const 1))))`),
    await module('b', `(module (import "a" "m0" (memory 1 4)) (import "a" "t0" (table 2 funcref)) (import "a" "g0" (global (mut i32))) (import "a" "f0" (func $size (result i32))) (import "host" "h" (func $host (param i32)))
      (elem (table 0) (i32.const 1) func $back)
      (func $back (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (call $host (global.get 0)) (i32.add (global.get 0) (i32.mul (i32.const 100) (call $size))))
      (export "m0" (memory 0)) (func (export "f0") (result i32) (memory.grow (i32.const 1))))`),
  ];
  const plan = planLinked(modules, 2);
  for (const engine of await everyEngine()) {
    const behaviour = closed(observeLinked(engine, modules, plan));
    if (behaviour.kind !== 'ran') throw new Error(`${engine.name}: ${behaviour.kind}`);
    // Two instantiations; then a.f0, a.f1, b.f0, and once more: the second round sees the page that b has added, and the global that b has changed.
    expect(values(behaviour.outcomes)).toEqual([[], [], [1], [106], [1], [2], [207], [2]]);
    expect(behaviour.trace.map(({ args }) => args)).toEqual([[{ type: 'i32', bits: 6 }], [{ type: 'i32', bits: 7 }]]);
    expect(behaviour.state.memories.map((memory) => memory?.length)).toEqual([3 * 65536, 3 * 65536]);
  }
});

test('a module that traps while it is instantiated leaves what it wrote in the other', async () => {
  const modules = [
    await module('a', '(module (memory (export "m0") 1 1) (func (export "f0") (result i32) (i32.load8_u (i32.const 3))))'),
    await module('b', '(module (import "a" "m0" (memory 1 1)) (data (i32.const 3) "\\2a") (data (i32.const 65536) "\\00"))'),
    await module('c', '(module (import "a" "f0" (func $f (result i32))) (export "f0" (func $f)))'),
  ];
  const plan = planLinked(modules, 1);
  for (const engine of await everyEngine()) {
    const behaviour = closed(observeLinked(engine, modules, plan));
    expect(behaviour.kind === 'ran' ? values(behaviour.outcomes) : behaviour.kind).toEqual([[], 'trap', [], [42], [42]]);
  }
});

test('a planted fault is found, kept as a script, and shown again from it', async () => {
  const faults = [...selfTestFault.faults];
  const engines = [await openEngine('interp'), await openEngine(await selfTestEngine(), faults), await openEngine('v8')];
  const opened = await pairs.open({ engines, occasional: [], askWabt: undefined }, faults);
  const folder = mkdtempSync(join(tmpdir(), 'assay-pairs-'));
  try {
    for (let seed = 0; ; seed++) {
      if (seed === 400) throw new Error('not found');
      const trial = opened.build(randomChoices(seed));
      const { finding } = trial.run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: false });
      if (finding === undefined) continue;
      const { path } = saveFinding(folder, finding, trial.content());
      const kept = readFinding(path);
      const again = async (planted: typeof faults): Promise<string | undefined> =>
        (await readTrial(kept, planted)).run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: false }).finding?.signature;
      expect(await again(faults)).toBe(finding.signature);
      expect(await again([])).toBeUndefined();
      return;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a script that is no list of registered binary modules is refused with the place', () => {
  expect(() => readLinked('(module $a)\n(register "a" $a)')).toThrow('line 1: module: expected');
  expect(() => readLinked('')).toThrow('without modules');
});
