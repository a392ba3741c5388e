// Which parts of the compiler do more work than a program's growth explains? Each shape is compiled at three sizes, n, 2n and 4n, and the work of every source
// file is counted (work.ts). From 2n to 4n work that grows linearly doubles: its exponent, log2 of the ratio, is 1. n log n comes to about 1.1 at these sizes.
//
// A file whose exponent is beyond its bound, and whose share of all work counts, is a finding; what is known to grow faster, and why, stands in the table
// below with the bound it has instead. Faster growth of a part that is small now is a finding at the size where its share counts.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CompileOptions } from '../../compiler/inside.ts';

export interface MeasureOrder {
  readonly shapes: readonly string[];
  /** Instead of each shape's own. */
  readonly size?: number;
  readonly options: CompileOptions;
  /** Name of a fault to plant. */
  readonly fault?: string;
}

export interface Measured {
  readonly shape: string;
  readonly size: number;
  /** By `file function`. */
  readonly work: Readonly<Record<string, number>>;
}

/** How one part grows with one shape. */
export interface Growth {
  readonly shape: string;
  /** A source file, or for the whole compilation `all`. */
  readonly part: string;
  readonly stage: string;
  readonly sizes: readonly number[];
  readonly work: readonly number[];
  /** From the second size to the third. */
  readonly exponent: number;
  readonly bound: number;
  readonly isBeyond: boolean;
  /** Why the bound is a wider one. */
  readonly reason?: string;
  /** What in a file beyond its bound grows fastest. */
  readonly culprits?: readonly { readonly name: string; readonly work: number; readonly exponent: number }[];
}

/** n log n, with room for the steps in which tables and arrays grow. */
const usualBound = 1.2;
/** Of all work at the largest size; what is less is not yet worth a finding. */
const leastShare = 0.01;

/** Stages by the beginning of a source file's path; the first that fits. */
const stages: readonly (readonly [string, string])[] = [
  ['compiler/wasm/', 'decode and validate'],
  ['compiler/translate/', 'translate'],
  ['compiler/optimise/rules', 'simplify'],
  ['compiler/optimise/rewriter', 'simplify'],
  ['compiler/optimise/', 'mid-end'],
  ['compiler/analysis/', 'analysis'],
  ['compiler/ir/verify', 'verify'],
  ['compiler/ir/', 'IR'],
  ['compiler/machine/verify', 'verify'],
  ['compiler/machine/', 'select'],
  ['compiler/isa/', 'lowering and encoding'],
  ['compiler/regalloc/checker', 'checker'],
  ['compiler/regalloc/', 'allocate'],
  ['compiler/emit/', 'emit'],
];

/** Of the passes the file names the stage. */
function stageOf(part: string): string {
  const stage = stages.find(([start]) => part.startsWith(start))?.[1] ?? 'other';
  return stage === 'mid-end' ? (part.split('/').at(-1) ?? '').replace('.ts', '') : stage;
}

/** A part that may grow faster with a shape. */
export interface Exception {
  readonly shape: string;
  readonly part: string;
  readonly bound: number;
  readonly reason: string;
}

/** What is known, with the exponents measured in the room's README. */
export const exceptions: readonly Exception[] = [
  { shape: 'live-ranges', part: 'compiler/regalloc/quads.ts', bound: 1.7, reason: 'the intervals of a register are one sorted list into which new ones are put in the middle (backtracking)' },
  { shape: 'live-ranges', part: 'compiler/regalloc/occupancy.ts', bound: 1.7, reason: 'a conflict is looked for along the intervals of each register (backtracking)' },
];

/** Optimised code takes calls into their callers, and does not count them. */
const flags = ['--disable-warning=ExperimentalWarning', '--no-opt', '--no-maglev'];
const measureFile = fileURLToPath(new URL('measure.ts', import.meta.url));

/** Measures shapes in a process of its own; `onMeasured` hears of each compilation. Throws with what that process wrote when it fails. */
export function measure(order: MeasureOrder, onMeasured: (measured: Measured) => void = () => undefined): Promise<readonly Measured[]> {
  return new Promise((resolve, reject) => {
    // A cache of compiled code would hold code in which nothing is counted.
    const env = { ...process.env, NODE_COMPILE_CACHE: '', NODE_V8_COVERAGE: '' };
    const child = spawn(process.execPath, [...flags, measureFile, JSON.stringify(order)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const all: Measured[] = [];
    let rest = '';
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const measured = JSON.parse(line) as Measured;
        all.push(measured);
        onMeasured(measured);
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString()).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(all) : reject(new Error(`measuring ended with ${code ?? 'a signal'}: ${complaints}`))));
  });
}

const exponentOf = (from: number, to: number): number => (from === 0 ? 0 : Math.log2(to / from));

function sumBy(work: Readonly<Record<string, number>>, keyOf: (name: string) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of Object.entries(work)) sums.set(keyOf(name), (sums.get(keyOf(name)) ?? 0) + count);
  return sums;
}

const fileOf = (name: string): string => name.slice(0, name.indexOf(' '));

/** How each file grows with a shape, from its three measurements; the whole first, then by work. Files whose work does not count are left out. */
export function growthOf(three: readonly Measured[], known: readonly Exception[] = exceptions): readonly Growth[] {
  const [small, middle, large] = three;
  if (small === undefined || middle === undefined || large === undefined) throw new RangeError('three measurements make a growth');
  const { shape } = large;
  const sizes = three.map(({ size }) => size);
  const byFile = three.map(({ work }) => sumBy(work, fileOf));
  const total = byFile.map((sums) => [...sums.values()].reduce((sum, count) => sum + count, 0));
  const growth = (part: string, stage: string, work: readonly number[]): Growth => {
    const exception = known.find((one) => one.shape === shape && one.part === part);
    const bound = exception?.bound ?? usualBound;
    const exponent = exponentOf(work[1] ?? 0, work[2] ?? 0);
    const isBeyond = exponent > bound;
    return {
      shape, part, stage, sizes, work, exponent, bound, isBeyond,
      ...(exception === undefined ? {} : { reason: exception.reason }),
      ...(isBeyond && part !== 'all' ? { culprits: culpritsOf(part, middle, large) } : {}),
    };
  };
  const files = [...(byFile[2] ?? [])].filter(([, work]) => work >= leastShare * (total[2] ?? 0)).sort((a, b) => b[1] - a[1]);
  return [growth('all', 'all', total), ...files.map(([file]) => growth(file, stageOf(file), byFile.map((sums) => sums.get(file) ?? 0)))];
}

function culpritsOf(file: string, middle: Measured, large: Measured): NonNullable<Growth['culprits']> {
  return Object.entries(large.work)
    .filter(([name]) => fileOf(name) === file)
    .map(([name, work]) => ({ name: name.slice(file.length + 1), work, exponent: exponentOf(middle.work[name] ?? 0, work) }))
    .filter(({ exponent }) => exponent > usualBound)
    .sort((a, b) => b.work - a.work)
    .slice(0, 3);
}
