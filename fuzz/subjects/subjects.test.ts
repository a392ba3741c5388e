// Subjects: every recorded defect still shows, and a hunt finds, reduces and names one by itself.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { hasRelaxed } from '../campaign/opcode-pairs.ts';
import { maybeArguments, processesWith } from '../campaign/processes.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { parseText } from '../wast/text.ts';
import { defectOf, explains, instructionCount, moduleOf } from './defect.ts';
import { emptyCounts, examineNumber } from './hunt.ts';
import { judge, type Referees } from './judge.ts';
import { readDefects, saveDefect } from './record.ts';
import type { HuntPlan } from './run-hunt.ts';

const corpus = new URL('../../corpus/subjects/', import.meta.url).pathname;
const subjects = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

const folder = mkdtempSync(join(tmpdir(), 'assay-subjects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refereesOf(subject: string): Promise<Referees> {
  return { interp: await openEngine('interp'), v8: await openEngine('v8'), subject: await openEngine(subject) };
}

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

test.for(subjects)('%s goes wrong as recorded, on at most 30 instructions each', async (subject) => {
  const referees = await refereesOf(subject);
  const defects = readDefects(join(corpus, subject));
  expect(defects.length).toBeGreaterThan(0);
  for (const { signature, difference, message, version, rounds, text } of defects) {
    const bytes = await bytesOf(text);
    expect({ signature, judgement: judge(referees, bytes, rounds) }).toMatchObject({ signature, judgement: { kind: 'defect', difference, message } });
    expect(version).toBe(referees.subject.version);
    expect(instructionCount(moduleOf(bytes))).toBeLessThanOrEqual(30);
  }
});

test('a hunt finds a defect, and counts what it explains', async () => {
  const hunt = { referees: await refereesOf('webassemblyjs'), folder, seed: 3, reduceSeconds: 5 };
  const counts = emptyCounts();
  for (let number = 0; number < 40; number++) await examineNumber(hunt, number, counts);
  expect(counts.undecided).toBe(0);
  expect(counts.disagree).toBeGreaterThan(0);
  const met = Object.values(counts.met).reduce((sum, number) => sum + number, 0);
  expect(met).toBe(counts.disagree);
  const defects = readDefects(folder);
  expect(defects.length).toBeGreaterThan(0);
  expect(Object.keys(counts.met).length).toBeLessThanOrEqual(counts.disagree);
  for (const { signature } of defects) expect(counts.met[signature]).toBeGreaterThan(0);
});

test('a wrong answer is known by its instructions, a message by its words', async () => {
  const m = moduleOf(await bytesOf('(module (func (export "f") (result i32) (i32.rotl (i32.const 1) (i32.popcnt (i32.const 3)))))'));
  const wrong = defectOf(m, 'result', '');
  expect(wrong.signature).toBe('result.i32.popcnt+i32.rotl');
  expect(explains(wrong, 'result', '', new Set(['i32.popcnt', 'i32.rotl', 'i32.add']))).toBe(true);
  expect(explains(wrong, 'result', '', new Set(['i32.rotl']))).toBe(false);
  const said = defectOf(m, 'crash', 'cannot do i32.rotl');
  expect(explains(said, 'crash', 'cannot do i32.rotl', new Set())).toBe(true);
  expect(explains(said, 'crash', 'another', new Set(['i32.popcnt', 'i32.rotl']))).toBe(false);
});

test('a defect reads back as it was saved, and only a smaller module replaces it', async () => {
  const bytes = await bytesOf('(module (func (export "f") (result i32) (i32.popcnt (i32.const 3))))');
  const defect = { ...defectOf(moduleOf(bytes), 'result', ''), subject: 'wabt', version: '0', instructions: 3, rounds: 1, detail: 'one\n  and two' };
  const own = join(folder, 'saved');
  expect(await saveDefect(own, defect, bytes)).toBe(true);
  expect(await saveDefect(own, { ...defect, instructions: 4, detail: 'larger' }, bytes)).toBe(false);
  expect(readDefects(own)).toMatchObject([{ ...defect, detail: 'one / and two' }]);
  await saveDefect(own, { ...defect, instructions: 2, detail: 'smaller' }, bytes);
  expect(readDefects(own)[0]?.detail).toBe('smaller');
});

test('a module without end costs a verdict, not the hunt', async () => {
  const endless = await bytesOf('(module (func (export "f") (loop (br 0))))');
  expect(judge(await refereesOf('binaryen'), endless, 1)).toEqual({ kind: 'incomparable', reason: 'a run without end' });
  const fromTheStart = await bytesOf('(module (start $f) (func $f (loop (br 0))) (func (export "g")))');
  expect(judge(await refereesOf('binaryen'), fromTheStart, 1)).toEqual({ kind: 'incomparable', reason: 'a run without end' });
});

test('a module is known by whether engines may choose in it', async () => {
  const module = async (instruction: string): Promise<Uint8Array> => {
    const parsed = await parseText(`(module (func (param v128) (result v128) local.get 0 local.get 0 local.get 0 ${instruction}))`);
    if (parsed.kind !== 'bytes') throw new Error(parsed.message);
    return parsed.bytes;
  };
  for (const instruction of ['i8x16.relaxed_swizzle drop local.get 0', 'f32x4.relaxed_madd', 'i32x4.relaxed_dot_i8x16_i7x16_add_s']) expect(hasRelaxed(await module(instruction))).toBe(true);
  for (const instruction of ['i8x16.swizzle drop local.get 0', 'v128.bitselect']) expect(hasRelaxed(await module(instruction))).toBe(false);
});

/** The processes of hunts into this folder, without the one that started them. */
function workersOf(into: string): readonly number[] {
  return processesWith(into).filter((id) => maybeArguments(id)?.includes('subjects/worker.ts') === true);
}

test('the processes of a hunt end when the one that started them is killed', async ({ skip }) => {
  if (!existsSync('/proc/self/cmdline')) skip('processes are looked for in /proc');
  const into = join(folder, 'orphans');
  const plan: HuntPlan = { subject: 'webassemblyjs', folder: into, seed: 1, reduceSeconds: 0, maxModules: 1e9, seconds: 600, workers: 1 };
  const program = `import { runHunt } from ${JSON.stringify(new URL('run-hunt.ts', import.meta.url).href)}; await runHunt(${JSON.stringify(plan)}, () => undefined);`;
  const supervisor = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program], { stdio: 'ignore' });
  const until = async (count: number): Promise<void> => {
    for (let polls = 0; workersOf(into).length !== count; polls++) {
      if (polls > 600) throw new Error(`${workersOf(into).length} processes, not ${count}`);
      await sleep(50);
    }
  };
  await until(1);
  // Past its start, so that it hunts.
  await sleep(1500);
  expect(supervisor.exitCode).toBeNull();
  supervisor.kill('SIGKILL');
  await until(0);
  expect(workersOf(into)).toEqual([]);
});
