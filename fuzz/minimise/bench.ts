// A benchmark of reduction: miscompiles planted in modules of 5 kB and more, made small by this search and by `wasm-reduce`, under one predicate.
//
// A case is a generated module on which a planted fault shows, joined with others that are in order until it is large enough. The predicate is that the
// interpreter and the engine with the fault disagree, asked of worker processes. `wasm-reduce` asks it through a script, as it demands: one that says its
// question into a named pipe and reads the answer from another, so that it pays for a shell and not for a laboratory at each step.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeForEditing } from '../edit/decode.ts';
import { encodeEdited } from '../edit/encode.ts';
import { type Code, mapCode, references } from '../edit/instructions.ts';
import { joinModules } from '../edit/join.ts';
import type { EditModule } from '../edit/module.ts';
import type { PlantedFault } from '../faults/fault.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { type Judge, laboratoryJudge } from './judge.ts';
import { reduceModule } from './reduce.ts';
import { instructionsOf } from './wasm-subject.ts';

export interface BenchCase {
  readonly fault: string;
  readonly engine: string;
  readonly bytes: Uint8Array;
}

export interface Measured {
  readonly bytes: number;
  readonly instructions: number;
  readonly seconds: number;
  /** False when its time ran out. */
  readonly isFinished: boolean;
}

const leastBytes = 5000;
/** Calls of each export. Arguments depend on a module's bytes, and `wasm-reduce` begins by writing the module anew: with many calls the fault shows all the same. */
const rounds = 12;
/** Modules tried until one shows a fault. */
const mostModules = 1200;

function edited(bytes: Uint8Array): EditModule {
  const m = decodeForEditing(bytes);
  if ('kind' in m) throw new Error(m.message);
  return m;
}

/** The module with one memory in the place of all it has: older releases of wasm-reduce know no more. Undefined when it imports one. */
function maybeWithOneMemory(m: EditModule): EditModule | undefined {
  const [first] = m.memories;
  if (first === undefined) return m;
  if (m.memories.some(({ from }) => from !== undefined)) return undefined;
  const minimum = m.memories.reduce((most, { limits }) => (limits.minimum > most ? limits.minimum : most), 0n);
  const code = (list: Code): Code => mapCode(list, (one) => {
    const places = references[one.row.immediate].flatMap((space, place) => (space === 'memory' ? [place] : []));
    return places.length === 0 ? one : { ...one, args: one.args.map((arg, place) => (places.includes(place) ? first.id : arg)) };
  });
  return {
    ...m,
    memories: [{ ...first, limits: { ...first.limits, minimum, maximum: undefined } }],
    functions: m.functions.map((one) => ({ ...one, body: code(one.body) })),
    datas: m.datas.map((one) => ({ ...one, memory: first.id })),
    exports: m.exports.map((one) => (one.kind === 'memory' ? { ...one, id: first.id } : one)),
  };
}

export function instructionsIn(bytes: Uint8Array): number {
  return instructionsOf(edited(bytes));
}

/** A large module on which a fault shows; undefined when none of many did. The same for the same seed. */
export async function maybeCase(fault: PlantedFault, engine: string, seed: number): Promise<BenchCase | undefined> {
  const interp = await openEngine('interp');
  const faulty = await openEngine(engine, fault.faults);
  const verdictOf = (bytes: Uint8Array): string => {
    const plan = planFor(bytes, rounds);
    const reference = observe(interp, bytes, plan, { fuel: 1_000_000 });
    return reference.kind === 'ran' && reference.outcomes.at(-1)?.kind !== 'exhaustion' ? compareBehaviours(reference, observe(faulty, bytes, plan), plan).verdict : 'incomparable';
  };
  const fillers: EditModule[] = [];
  let size = 0;
  let found: EditModule | undefined;
  for (let number = 0; number < mostModules; number++) {
    const bytes = generateModule(randomChoices(seed + number));
    const verdict = verdictOf(bytes);
    if (verdict === 'disagree') found = edited(bytes);
    else if (verdict === 'agree' && size < leastBytes && bytes.length > 300) {
      const m = edited(bytes);
      if (m.memories.some(({ from }) => from !== undefined)) continue;
      fillers.push(m);
      size += bytes.length;
    }
    if (found === undefined || size < leastBytes) continue;
    const one = maybeWithOneMemory(joinModules([...fillers.slice(1), found, ...fillers.slice(0, 1)]));
    if (one === undefined) {
      found = undefined;
      continue;
    }
    const joined = encodeEdited(one);
    if (joined.length >= leastBytes && verdictOf(joined) === 'disagree') return { fault: fault.name, engine, bytes: joined };
    found = undefined;
  }
  return undefined;
}

function judgeOf({ fault, engine }: BenchCase, width: number): Judge {
  return laboratoryJudge({ engines: ['interp', engine], fault, rounds, asksWabt: false }, { kind: 'difference', of: 'behaviour', odd: undefined, level: undefined, rule: undefined }, width, 10);
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

export async function measureOurs(given: BenchCase, seconds: number, width: number): Promise<Measured> {
  const judge = judgeOf(given, width);
  try {
    // Its start is not counted, for either.
    await judge.judge(given.bytes);
    const begun = performance.now();
    const { bytes, instructions, isFinished } = await reduceModule(given.bytes, (candidate) => judge.judge(candidate), { width, isLate: () => secondsSince(begun) > seconds, trials: 1 });
    return { bytes: bytes.length, instructions: instructions.after, seconds: secondsSince(begun), isFinished };
  } finally {
    judge.close();
  }
}

/** Where a `wasm-reduce` is that can run commands: on the PATH. The one in the npm package `binaryen` is compiled to JavaScript and cannot start processes. */
export function maybeWasmReduce(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const path = join(folder, 'wasm-reduce');
    if (existsSync(path) && existsSync(join(folder, 'wasm-opt')) && readFileSync(path).subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return path;
  }
  return undefined;
}

export async function measureWasmReduce(program: string, given: BenchCase, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-reduce-'));
  const path = (name: string): string => join(folder, name);
  const judge = judgeOf(given, 1);
  writeFileSync(path('start.wasm'), given.bytes);
  execFileSync('mkfifo', [path('question'), path('answer')]);
  writeFileSync(path('ask.sh'), `echo ask > ${path('question')}\nread answer < ${path('answer')}\nexit $answer\n`);
  try {
    await judge.judge(given.bytes);
    const begun = performance.now();
    let isOver = false;
    let isFinished = false;
    const child = spawn(program, [path('start.wasm'), `--command=sh ${path('ask.sh')}`, '--test', path('test.wasm'), '--working', path('working.wasm'), '-b', dirname(program), '--timeout', '30', '-f'], { stdio: 'ignore', detached: true });
    const stop = (): void => {
      // The whole group: it waits for the script it started.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(stop, seconds * 1000);
    const exited = new Promise<void>((resolve) => {
      child.once('exit', (code) => {
        isFinished = code === 0;
        isOver = true;
        clearTimeout(timer);
        // Whoever still waits for a question gets one.
        void writeFile(path('question'), 'over').then(() => resolve());
      });
    });
    for (;;) {
      await readFile(path('question'));
      if (isOver) break;
      const verdict = await judge.judge(new Uint8Array(readFileSync(path('test.wasm'))));
      if (isOver) break;
      await writeFile(path('answer'), verdict ? '0\n' : '1\n', { signal: AbortSignal.timeout(30_000) }).catch(() => undefined);
    }
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
    const took = secondsSince(begun);
    const best = existsSync(path('working.wasm')) ? new Uint8Array(readFileSync(path('working.wasm'))) : given.bytes;
    return { bytes: best.length, instructions: instructionsIn(best), seconds: took, isFinished };
  } finally {
    judge.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
