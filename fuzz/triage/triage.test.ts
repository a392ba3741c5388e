// Triage from end to end: duplicates become one, nothing is lost on the way, what comes and goes is noticed, and each finding lives its life.

import { cpSync, existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Fault, Level } from '../../compiler/inside.ts';
import { parseFunction, printFunction } from '../../compiler/inside.ts';
import { parseText } from '../wast/text.ts';
import { saveFinding } from './finding.ts';
import { findingFolders, readStored, refine } from './folder.ts';
import { sarifOf } from './sarif.ts';
import { isAlarming, lifeCycleFile, triage } from './triage.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-triage-'));
  folders.push(folder);
  return folder;
}

/** The translation turns rotl into rotr; with `isFlaky`, at every second compilation of a function only. */
function wrongRotation(isFlaky = false): Fault {
  let count = 0;
  return {
    kind: 'transformer', name: 'rotation', stage: 'translate',
    transform: (level: Level) => {
      if (level.level !== 'ir' || (isFlaky && count++ % 2 === 1)) return level;
      return { level: 'ir', f: parseFunction(printFunction(level.f, { origins: true }).replaceAll('rotl ', 'rotr ')) };
    },
  };
}

const short = '(module (func (export "f") (param i32) (result i32) (i32.rotl (local.get 0) (i32.const 1))))';
const long = '(module (memory 1) (func (export "f") (param i32) (i32.store (i32.const 8) (i32.rotl (local.get 0) (i32.const 3)))))';

async function save(folder: string, signature: string, text: string): Promise<void> {
  const parsed = await parseText(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  saveFinding(folder, { signature, kind: signature.split('.')[0] ?? '', odd: 'ir', level: 'translate', detail: '', engines: { interp: '', v8: '', ir: '' }, origin: undefined }, parsed.bytes);
}

const quiet = { times: 2, isCheck: false } as const;
const bucket = 'behaviour.compiler.translate.i32-rotl';

test('two discoveries of one cause become one finding, the smaller in front, the other kept', async () => {
  const folder = freshFolder();
  await save(folder, 'memory.ir.translate', long);
  await save(folder, 'result.ir.translate', short);
  const before = findingFolders(folder).map((path) => readStored(path).finding.bytes);
  const { findings, merged } = await triage(folder, { ...quiet, faults: [wrongRotation()] });
  expect(merged).toEqual([{ from: 'result.ir.translate', into: bucket }]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ state: 'new', severity: 'wrong value', signature: bucket, stage: 'translate', rule: 'i32.rotl', seen: 2, replays: { times: 2, shown: 2, ways: 1 } });
  expect(findings.map(isAlarming)).toEqual([true]);
  expect(readdirSync(folder).sort()).toEqual([bucket, lifeCycleFile].sort());
  const stored = readStored(join(folder, bucket));
  expect(stored.aliases).toEqual(['memory.ir.translate', 'result.ir.translate']);
  expect(stored.finding.bytes).toEqual(before[1]);
  const others = readdirSync(join(folder, bucket, 'others'));
  expect(others.map((name) => new Uint8Array(readFileSync(join(folder, bucket, 'others', name))))).toEqual([before[0]]);
  const report = readFileSync(join(folder, bucket, 'report.md'), 'utf8');
  for (const words of [`# ${bucket}`, 'to blame: `i32.rotl`', 'Evidence: ', 'Seen with Node v', 'function 0 after translate']) expect(report).toContain(words);
  // Nothing changes when it is done again.
  const again = await triage(folder, { ...quiet, faults: [wrongRotation()] });
  expect(again.findings[0]).toMatchObject({ signature: bucket, seen: 2, state: 'new' });
  expect(sarifOf(again.findings, (path) => path)).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'wrong-value', level: 'error', partialFingerprints: { rootCause: bucket } }] }] });
});

test('a merge that was cut short is done again and counts nothing twice', async () => {
  const folder = freshFolder();
  await save(folder, 'memory.ir.translate', long);
  await save(folder, 'result.ir.translate', short);
  await refine(readStored(join(folder, 'memory.ir.translate')), bucket);
  cpSync(join(folder, 'result.ir.translate'), join(folder, 'copy'), { recursive: true });
  await refine(readStored(join(folder, 'result.ir.translate')), bucket);
  expect(readStored(join(folder, bucket)).seen).toBe(2);
  // As if triage had died before it removed what it had merged.
  cpSync(join(folder, 'copy'), join(folder, 'result.ir.translate'), { recursive: true });
  await refine(readStored(join(folder, 'result.ir.translate')), bucket);
  expect(readStored(join(folder, bucket)).seen).toBe(2);
  expect(existsSync(join(folder, 'result.ir.translate'))).toBe(false);
});

test('a finding lives: new, known, fixed, regressed', async () => {
  const folder = freshFolder();
  const file = join(folder, lifeCycleFile);
  await save(folder, 'result.ir.translate', short);
  const stateWith = async (faults: readonly Fault[]): Promise<readonly [string | undefined, boolean]> => {
    const { findings } = await triage(folder, { times: 1, isCheck: false, faults });
    return [findings[0]?.state, findings.some(isAlarming)];
  };
  expect(await stateWith([wrongRotation()])).toEqual(['new', true]);
  writeFileSync(file, readFileSync(file, 'utf8').replace('new  ', 'known').replace('\n', '   told upstream\n'));
  expect(await stateWith([wrongRotation()])).toEqual(['known', false]);
  expect(await stateWith([])).toEqual(['fixed', false]);
  expect(await stateWith([wrongRotation()])).toEqual(['regressed', true]);
  expect(readFileSync(file, 'utf8')).toBe(`regressed  ${bucket}   told upstream\n`);
  const check = await triage(folder, { times: 1, isCheck: true, faults: [] });
  expect(check.findings[0]?.state).toBe('fixed');
  expect(readFileSync(file, 'utf8')).toContain('regressed');
});

test('what comes and goes is nondeterminism', async () => {
  const folder = freshFolder();
  await save(folder, 'result.ir.translate', short);
  const { findings } = await triage(folder, { times: 4, isCheck: true, faults: [wrongRotation(true)] });
  expect(findings[0]?.replays).toMatchObject({ times: 4, shown: 2 });
  expect(findings[0]?.severity).toBe('nondeterminism');
});

test('what kills its process does not kill triage, and is seen to be gone when it is', async () => {
  const folder = freshFolder();
  // The fault kills at functions of many values.
  const long = `(module (func (export "f") (param i32) (result i32) local.get 0 ${'local.get 0 i32.add local.get 0 i32.mul '.repeat(250)}))`;
  await save(folder, 'death.ir', long);
  const deadly = { times: 1, isCheck: true, faults: [], hangSeconds: 60 } as const;
  expect((await triage(folder, { ...deadly, faultName: 'compiler-aborts' })).findings[0]).toMatchObject({ signature: 'death.ir', kind: 'death', severity: 'compiler crash', replays: { shown: 1 } });
  expect((await triage(folder, deadly)).findings[0]?.replays.shown).toBe(0);
});

test('a folder that cannot be read is listed and left alone', async () => {
  const folder = freshFolder();
  mkdirSync(join(folder, 'half'));
  writeFileSync(join(folder, 'half', 'repro.wasm'), 'something');
  await save(folder, 'result.ir.translate', short);
  const { findings, unreadable } = await triage(folder, { times: 1, isCheck: false, faults: [wrongRotation()] });
  expect(findings).toHaveLength(1);
  expect(unreadable.map(({ path }) => path)).toEqual([join(folder, 'half')]);
  expect(readFileSync(join(folder, 'half', 'repro.wasm'), 'utf8')).toBe('something');
});
