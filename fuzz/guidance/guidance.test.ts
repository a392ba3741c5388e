// Guidance: counters change nothing but themselves, a fuzzer that cannot see refuses to run, what dies leaves its input, and libFuzzer finds its way.

import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { randomChoices, tapeChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { readTrial } from '../targets/read-trial.ts';
import { readFinding } from '../triage/finding.ts';
import { Counters } from './counters.ts';
import { mirrorsOf } from './later-release.ts';
import { fetchCounters, instrument } from './instrument.ts';
import { guidanceHere } from './machine.ts';
import type { SessionOrder } from './order.ts';
import { shrinkNow } from './shrink-now.ts';
import { type GuidedPlan, runGuided } from './supervise.ts';

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-guidance-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const source = `
const names = (a, b = a || 'none') => ({ a, b: b ?? 0 });
function walk(n) {
  let s = '';
  for (let i = 0; i < n; i++) if (i % 2) s += i; else if (i === 4) continue;
  outer: while (n-- > 0) { do { if (n === 1) break outer; } while (false) }
  switch (/* a: colon */ s.length) { case 0: return 'empty'; case (1): case 2: s += '!'; break; default: s += n > 0 ? '+' : '-'; }
  try { if (s.length > 3) throw new Error(s); } catch { s = s.slice(1); } finally { s += '.'; }
  return s;
}
class Box { #v = (() => 7)(); get v() { return this.#v; } static of = (x) => x && new Box(); async *g() { yield await 1; } }
`;

test('an instrumented program does what it did, and counts where it was', () => {
  const program = (code: string): string => `${code}; return [names(0), names(1, 2), walk(0), walk(3), walk(9), Box.of(0), Box.of(1).v].map((x) => JSON.stringify(x));`;
  const { code, edges } = instrument(source, 'sample');
  const counters = new Counters();
  Reflect.set(globalThis, fetchCounters, (name: string, count: number) => counters.partOf(name, count));
  const run = (text: string): unknown => new Function(program(text))();
  expect(run(code)).toEqual(run(source));
  expect(code.split('\n')).toHaveLength(source.split('\n').length);
  counters.remember();
  expect(counters.edges).toBe(edges.length);
  expect(new Set(edges.map(({ kind }) => kind))).toEqual(new Set(['function', 'then', 'else', 'loop', 'case', 'arm', 'right', 'handler', 'default']));
  const never = edges.filter((_, index) => counters.seenOf('sample')[index] !== true);
  // Nobody gives `?? 0` a null, the loop leaves nothing of `n`, and the generator is never called.
  expect(never.map(({ kind, within }) => `${kind} in ${within}`)).toEqual(['right in names', 'arm in walk', 'function in g']);
  expect(counters.remember()).toBe(false);
});

test('counters saturate, and events have cells of their own', () => {
  const counters = new Counters();
  const part = counters.partOf('loop', 4);
  for (let i = 0; i < 1000; i++) part[2] = (part[2] ?? 0) + 1;
  counters.event('rule', 3);
  expect(part[2]).toBe(255);
  expect(counters.bytes.filter((byte) => byte !== 0)).toEqual(Buffer.from([255, 3]));
  counters.remember();
  expect([counters.edgesSeen, counters.eventsSeen]).toEqual([1, 1]);
  counters.clear();
  expect(counters.bytes.every((byte) => byte === 0)).toBe(true);
});

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function runScript(script: string): { readonly status: number | null; readonly lines: readonly string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { encoding: 'utf8' });
  if (status !== 0 && stdout === '') throw new Error(stderr);
  return { status, lines: stdout.trim().split('\n') };
}

test('the compiler with counters makes the code that it makes without', () => {
  const { lines } = runScript(`
    import { Counters } from ${JSON.stringify(here('counters.ts'))};
    import { instrumentWhatIsLoaded } from ${JSON.stringify(here('loader.ts'))};
    const counters = new Counters();
    instrumentWhatIsLoaded(counters);
    const { compile } = await import(${JSON.stringify(here('../../compiler/index.ts'))});
    const { generateModule } = await import(${JSON.stringify(here('../generate/module.ts'))});
    const { randomChoices } = await import(${JSON.stringify(here('../generate/choices.ts'))});
    for (let seed = 0; seed < 8; seed++) console.log(Buffer.from(compile(generateModule(randomChoices(seed))).artifact.code).toString('base64'));
    counters.remember();
    console.log(counters.edgesSeen);
  `);
  expect(lines).toHaveLength(9);
  for (let seed = 0; seed < 8; seed++) {
    const compiled = compile(generateModule(randomChoices(seed)));
    expect(compiled.ok && Buffer.from(compiled.artifact.code).toString('base64')).toBe(lines[seed]);
  }
  expect(Number(lines[8])).toBeGreaterThan(1500);
});

test('a fuzzer whose compiler has no counters refuses to run', () => {
  const order: SessionOrder = {
    target: 'encode', mode: 'random', libFuzzer: false, corpus: freshFolder(), seed: 1, seconds: 5, engines: [], crashes: freshFolder(), slot: join(freshFolder(), 'slot'), shrinkSeconds: 1, provesItself: true,
  };
  const { status, lines } = runScript(`
    import { Counters } from ${JSON.stringify(here('counters.ts'))};
    import { runSession } from ${JSON.stringify(here('run-session.ts'))};
    await runSession(${JSON.stringify(order)}, new Counters());
  `);
  expect(status).toBe(3);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('coverage does not grow: 0 edges');
});

test('mirrors are found in both of the formats that apt reads', () => {
  const lists = ['deb [arch=amd64 signed-by=/k] http://mirror.example/debian bookworm main\ndeb http://mirror.example/other/tool stable main\n', 'Types: deb\nURIs: https://second.example/debian/\nSuites: x\n'];
  expect(mirrorsOf(lists)).toEqual(['http://mirror.example/debian', 'https://second.example/debian/']);
  expect(mirrorsOf(['# deb http://mirror.example/debian bookworm main\n'])).toEqual([]);
});

function planWith(changes: Partial<GuidedPlan>): GuidedPlan {
  return {
    target: 'encode', mode: 'guided', libFuzzer: true, corpus: join(freshFolder(), 'corpus'), seed: 3, seconds: 4, workers: 1, engines: [], crashes: freshFolder(), hangSeconds: 60, shrinkSeconds: 1, ...changes,
  };
}

/** Processes that this one has started and that run the driver. */
function drivers(): number[] {
  return globSync('/proc/self/task/*/children').flatMap((path) => readFileSync(path, 'utf8').split(' ').filter((word) => word !== '').map(Number))
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guidance/driver.ts'));
}

test('a process that is killed leaves its case as a finding, and another goes on', async () => {
  const plan = planWith({ mode: 'random', target: 'regalloc', seconds: 8 });
  let killed = 0;
  const result = await runGuided(plan, [process.execPath, '--disable-warning=ExperimentalWarning'], ({ executions }) => {
    if (executions === 0 || killed > 0) return;
    for (const pid of drivers()) {
      process.kill(pid, 'SIGKILL');
      killed++;
    }
  });
  expect(killed).toBe(1);
  expect(result.deaths).toEqual({ SIGKILL: 1 });
  expect(result.findings).toHaveLength(1);
  const finding = readFinding(result.findings[0]?.path ?? '');
  expect(finding.signature).toMatch(/^regalloc-death\.(compiler|harness)\.[0-9a-f]{8}$/);
  expect((await readTrial(finding)).file).toBe('repro.ra');
});

test('libFuzzer sees, catches, and collects what is new', async ({ skip }) => {
  const guidance = guidanceHere();
  if (!guidance.available) {
    skip(`${guidance.reason}; ${guidance.cure}`);
    return;
  }
  const plan = planWith({});
  const { figures, findings, deaths, proof, blind } = await runGuided(plan, guidance.command, () => undefined);
  expect({ findings, deaths, blind }).toEqual({ findings: [], deaths: {}, blind: undefined });
  expect(proof?.caught).toMatch(/^encode-decode\.riscv64/);
  expect(proof?.sees[1]).toBeGreaterThan(proof?.sees[0] ?? Infinity);
  expect(figures.executions).toBeGreaterThan(30);
  expect(figures.newPaths).toBeGreaterThan(5);
  expect(figures.events).toBeGreaterThan(10);
  // The seeds are there from the start; what was found interesting came to them, by each of the ways.
  expect(readdirSync(plan.corpus).length).toBeGreaterThan(24);
  expect(Object.entries(figures.ways).filter(([, { cases }]) => cases > 0).map(([way]) => way)).toEqual(['fresh', 'varied', 'libFuzzer']);
});

test('a case becomes small without waiting', () => {
  const choices = randomChoices(5);
  generateModule(choices);
  const small = shrinkNow(generateModule, choices, (bytes) => WebAssembly.validate(new Uint8Array(bytes)), () => false);
  expect(small.length).toBe(generateModule(tapeChoices([])).length);
  expect(shrinkNow(generateModule, choices, () => true, () => true)).toEqual(generateModule(tapeChoices(choices.tape)));
});
