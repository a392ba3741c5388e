// What a campaign remembers, piece by piece: the ledger and its lock, corpora on disk, novelty, pruning, recovery.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { sealEnvelope } from '../generate/envelope.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { recordBytes } from '../generate/record-bytes.ts';
import { corpusFolder, entryNames, maybeReadEntry, sha1, writeEntry } from './corpus.ts';
import { Slot } from './in-flight.ts';
import { Ledger, LedgerError } from './ledger.ts';
import { Novelties } from './novelty.ts';
import { visitOpcodePairs } from './opcode-pairs.ts';
import type { CampaignPlan } from './plan.ts';
import { cover } from './prune.ts';
import { recover, withSupervisor } from './recover.ts';
import { screenLines, showDuration } from './screen.ts';
import { statusOf } from './status.ts';
import { emptyTally } from './tally.ts';

const folders: string[] = [];

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-ledger-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const plan: CampaignPlan = { targets: ['modules'], engines: ['interp', 'ir'], occasional: [], fault: undefined, seed: 1, seconds: 60, workers: 2, maxModules: 100, crashes: 'crashes', hangSeconds: 20, shrinkSeconds: 1, wabtEvery: 0 };

function envelopeOf(seed: number): { readonly sealed: Uint8Array; readonly module: Uint8Array } {
  const choices = randomChoices(seed);
  const module = generateModule(choices);
  return { module, sealed: sealEnvelope({ label: { generator: 'modules', version: 'v', rounds: 3, novelties: ['rule a', 'end b'] }, module, choices: recordBytes(generateModule, choices.tape) }) };
}

test('a ledger gives back what was written, also to those who look while it is written', () => {
  const folder = freshFolder();
  const ledger = Ledger.open(folder);
  const session = ledger.beginSession(plan, 'build', '/slots');
  const tally = { ...emptyTally(), modules: 7, calls: 3 };
  ledger.progress(session, 12, [{ lane: 0, next: 14, tally }, { lane: 1, next: 15, tally }]);
  ledger.finding(session, 'result.x86-64.backend', 'crashes/result.x86-64.backend');
  ledger.finding(session, 'result.x86-64.backend', 'crashes/result.x86-64.backend');
  ledger.entry(session, 'build', { name: 'e1', target: 'modules', module: 'm1', bytes: 100, novelties: ['rule a'] });
  const reader = Ledger.read(folder);
  expect(reader.maybePlan()).toEqual(JSON.parse(JSON.stringify(plan)));
  expect([...reader.lanes()]).toEqual([[0, 14], [1, 15]]);
  expect(reader.tally().modules).toBe(14);
  expect(reader.tally(session).modules).toBe(0);
  expect(reader.secondsRun()).toBe(12);
  expect(reader.findings()).toMatchObject([{ signature: 'result.x86-64.backend', met: 2 }]);
  expect(reader.entries(session)).toEqual([]);
  expect(reader.entries()).toMatchObject([{ name: 'e1', bytes: 100 }]);
  expect(reader.features()).toEqual(['rule a']);
  expect(reader.unchecked('build')).toEqual([]);
  expect(reader.unchecked('another build')).toEqual(['e1']);
  reader.close();
  ledger.close();
});

test('a transaction that fails leaves nothing, and a campaign has one writer at a time', () => {
  const folder = freshFolder();
  const ledger = Ledger.open(folder);
  expect(() => ledger.transaction(() => {
    ledger.finding(1, 'half', 'half');
    throw new Error('died');
  })).toThrow('died');
  expect(ledger.findings()).toEqual([]);
  expect(() => Ledger.open(folder)).toThrow(LedgerError);
  ledger.close();
  Ledger.open(folder).close();
  expect(() => Ledger.read(freshFolder())).toThrow('holds no campaign');
});

test('corpus entries are files named by their SHA-1, whole or not there', () => {
  const folder = corpusFolder(freshFolder(), 'modules');
  const { name, isNew } = writeEntry(folder, Uint8Array.of(1, 2, 3));
  expect([name, isNew]).toEqual(['7037807198c22a7d2b0807371d763779a84fdfcf', true]);
  expect(writeEntry(folder, Uint8Array.of(1, 2, 3)).isNew).toBe(false);
  writeFileSync(join(folder, `${name}.77.part`), 'half');
  expect(entryNames(folder)).toEqual([name]);
  expect(existsSync(join(folder, `${name}.77.part`))).toBe(false);
  writeFileSync(join(folder, name), 'changed');
  expect(maybeReadEntry(folder, name)).toBeUndefined();
});

test('a session takes up entries and modules in flight that a killed one left', () => {
  const folder = freshFolder();
  const slots = freshFolder();
  const ledger = Ledger.open(folder);
  ledger.beginSession(plan, 'build', slots);
  const { sealed, module } = envelopeOf(1);
  const { name } = writeEntry(corpusFolder(folder, 'modules'), sealed);
  ledger.entry(1, 'build', { name: 'f'.repeat(40), target: 'modules', module: 'gone', bytes: 1, novelties: [] });
  const session = ledger.beginSession(plan, 'build', freshFolder());
  expect(recover(ledger, folder, plan, session)).toEqual({ entries: 1, missing: ['f'.repeat(40)], suspects: 0 });
  expect(ledger.entries().find((row) => row.name === name)).toMatchObject({ module: sha1(module), bytes: sealed.length });
  expect(ledger.features()).toEqual(['end b', 'rule a']);
  expect(ledger.unchecked('build')).toEqual([]);
  expect(existsSync(slots)).toBe(false);
  ledger.close();
});

test('what a dead worker left running is a suspect; what a living one runs is not, and it is ended', async ({ skip }) => {
  if (!existsSync('/proc/self/cmdline')) skip('processes are looked for in /proc');
  const folder = freshFolder();
  const slots = freshFolder();
  const ledger = Ledger.open(folder);
  const killed = ledger.beginSession(plan, 'build', slots);
  for (const lane of [0, 1]) {
    const slot = new Slot(join(slots, `slot-${lane}`));
    slot.begin(0, 40 + lane, Uint8Array.of(lane));
    slot.engine(1);
    slot.close();
  }
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', JSON.stringify({ slot: join(slots, 'slot-1') })], { stdio: 'ignore' });
  const ended = once(orphan, 'exit');
  await once(orphan, 'spawn');
  expect(recover(ledger, folder, plan, ledger.beginSession(plan, 'another build', freshFolder())).suspects).toBe(1);
  expect(ledger.deaths()).toMatchObject([{ lane: 0, how: withSupervisor, engine: 'ir', number: 40, suspect: sha1(Uint8Array.of(0)), verdict: 'tried again' }]);
  // It counts against the build that ran it.
  expect([ledger.deaths('build').length, ledger.deaths('another build').length, killed]).toEqual([1, 0, 1]);
  expect(await ended).toEqual([null, 'SIGKILL']);
  ledger.close();
});

test('instructions are told apart in every generated module, to the end of each body', () => {
  let ends = 0;
  for (let seed = 0; seed < 60; seed++) {
    const module = generateModernModule(randomChoices(seed));
    let functions = 0;
    const { exports } = { exports: WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(module))) };
    visitOpcodePairs(module, (_first, second) => {
      if (second === 0x0b) functions++;
    });
    // Each body ends in `end`; were one misread, its last would be missed now and then.
    expect(functions).toBeGreaterThanOrEqual(exports.filter(({ kind, name }) => kind === 'function' && name.startsWith('f')).length);
    ends += functions;
  }
  expect(ends).toBeGreaterThan(300);
  // block (result i32) · i32.const 5 · end · drop · end
  const small = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 10, 1, 8, 0, 0x02, 0x7f, 0x41, 5, 0x0b, 0x1a, 0x0b);
  const pairs: number[][] = [];
  visitOpcodePairs(small, (first, second) => pairs.push([first, second]));
  expect(pairs).toEqual([[0x02, 0x41], [0x41, 0x0b], [0x0b, 0x1a], [0x1a, 0x0b]]);
});

test('a case is new for a rule, an end of calls, or several instruction pairs, once', () => {
  const fired = new Map<string, number>();
  const novelties = new Novelties(['rule old'], [{ statistics: () => ({ fired, rules: [], proofs: { checked: 0, failed: 0 } }) }]);
  const tally = emptyTally();
  fired.set('old', 1);
  expect(novelties.of(undefined, tally)).toEqual([]);
  fired.set('new', 1);
  tally.outcomes['trap: unreachable'] = 1;
  expect(novelties.of(undefined, tally)).toEqual(['rule new', 'end trap: unreachable']);
  expect(novelties.of(undefined, tally)).toEqual([]);
  const module = generateModule(randomChoices(4));
  const pairs = novelties.of(module, tally);
  expect(pairs.length).toBeGreaterThan(10);
  expect(novelties.of(module, tally)).toEqual([]);
  expect(new Novelties(pairs, []).of(module, emptyTally())).toEqual([]);
});

test('pruning keeps the smallest entries that show everything', () => {
  const entries = [
    { name: 'large', bytes: 100, features: ['a', 'b', 'c'] },
    { name: 'small', bytes: 10, features: ['a', 'b'] },
    { name: 'other', bytes: 20, features: ['c', 'd'] },
    { name: 'double', bytes: 20, features: ['b'] },
  ];
  expect([...cover(entries)].sort()).toEqual(['other', 'small']);
});

test('the screen says what a user of a fuzzer looks for', () => {
  const folder = freshFolder();
  mkdirSync(folder, { recursive: true });
  const ledger = Ledger.open(folder);
  ledger.beginSession(plan, 'build', '/slots');
  const tally = { ...emptyTally(), modules: 6000, executions: 24_000, rules: ['a', 'b', 'c', 'd'], fired: { a: 1, b: 2, c: 3 }, stability: { checked: 200, stable: 199 } };
  const status = statusOf('campaigns/x', ledger, plan, tally, 30, { alive: 2, modulesPerSecond: 200, executionsPerSecond: 800 });
  const text = screenLines(status).join('\n');
  for (const part of ['0:00:30 of 0:01:00', '2 of 2 alive', '6,000 (200/s)', '24,000 (800/s)', '3 of 4 (75.0 %)', '99.50 % of 200', 'last new path none yet', 'findings      0']) expect(text).toContain(part);
  expect(showDuration(3723)).toBe('1:02:03');
  ledger.close();
  expect(readFileSync(join(folder, 'ledger.sqlite')).subarray(0, 15).toString()).toBe('SQLite format 3');
});
