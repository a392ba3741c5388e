// What the generators make, measured: how many modules are valid and how large, which instructions run and on what classes of values, how calls end, how much
// is ignored; and for the targets of single parts, verdicts and what never happened in the tested code.

import { count, emptyTally } from '../campaign/tally.ts';
import { randomChoices } from '../generate/choices.ts';
import { moduleSeed, moduleTargets, partTargets } from '../targets/index.ts';
import type { ModuleTarget } from '../targets/module-target.ts';
import type { Target } from '../targets/target.ts';
import type { Engine } from './engine.ts';
import { observe, planFor } from './observe.ts';

type Counts = Record<string, number>;

export interface ModuleReport {
  readonly target: string;
  readonly modules: number;
  readonly bytes: { readonly mean: number; readonly largest: number };
  /** Share that the reference accepts, and that V8 accepts. */
  readonly valid: number;
  readonly validForV8: number;
  readonly calls: number;
  /** Shares of the calls. */
  readonly trapRate: number;
  readonly traps: Counts;
  readonly outcomes: Counts;
  /** Share of the modules that say nothing: refused, not linked, stopped, or ended by exhaustion. */
  readonly ignoredRate: number;
  /** Instructions by how often they ran. */
  readonly opcodes: Counts;
  /** Classes of operand values, by type. */
  readonly values: Readonly<Record<string, Counts>>;
}

export interface PartReport {
  readonly target: string;
  readonly cases: number;
  readonly agree: number;
  readonly disagree: number;
  /** Share of cases about which nothing could be said. */
  readonly ignoredRate: number;
  readonly incomparable: Counts;
  readonly events: { readonly happened: number; readonly known: number; readonly never: readonly string[] };
}

export interface GeneratorReport {
  readonly modules: readonly ModuleReport[];
  readonly parts: readonly PartReport[];
}

/** Classes of integers that code generators treat apart. */
function integerClass(value: bigint, width: bigint): string {
  if (value === 0n) return 'zero';
  if (value === 1n) return 'one';
  if (value === -1n) return 'all ones';
  const least = -(1n << (width - 1n));
  if (value === least || value === -least - 1n) return 'extreme';
  const unsigned = BigInt.asUintN(Number(width), value);
  if ((unsigned & (unsigned - 1n)) === 0n) return 'power of two';
  if (value > 0n && value < width * 2n) return 'near the width';
  if (value >= -128n && value < 128n) return 'one byte';
  if (value >= -2048n && value < 2048n) return '12 bits';
  if (width === 64n && value >= -(1n << 31n) && value < 1n << 31n) return '32 bits';
  return value < 0n ? 'large negative' : 'large positive';
}

function floatClass(text: string): string {
  const value = text.includes('nan') || text.includes('NaN') ? NaN : Number(text.replace(/inf(inity)?/i, 'Infinity'));
  if (Number.isNaN(value)) return 'NaN';
  // The trace writes zeros without their sign.
  if (value === 0) return 'zero';
  if (!Number.isFinite(value)) return 'infinite';
  if (Math.abs(value) < 2 ** -1022) return 'subnormal';
  return Number.isInteger(value) ? (Math.abs(value) < 2 ** 31 ? 'small whole' : 'large whole') : 'fraction';
}

function classOf(type: string, text: string): string {
  if (type === 'i32' || type === 'i64') return /^-?\d+$/.test(text) ? integerClass(BigInt(text), type === 'i32' ? 32n : 64n) : 'other';
  return floatClass(text);
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function reportModules(reference: Engine, target: ModuleTarget, seed: number, number: number): ModuleReport {
  const opcodes: Counts = {};
  const traps: Counts = {};
  const outcomes: Counts = {};
  const values: Record<string, Counts> = {};
  let [bytes, largest, valid, validForV8, ignored, calls, trapped] = [0, 0, 0, 0, 0, 0, 0];
  const trace = (line: string): void => {
    const [, opcode, operands = ''] = /@\d+ (\S+)(.*)/.exec(line) ?? [];
    if (opcode === undefined) return;
    count(opcodes, opcode);
    for (const [, type = '', text = ''] of operands.matchAll(/\b([if](?:32|64)):(\S+)/g)) count((values[type] ??= {}), classOf(type, text));
  };
  for (let index = 0; index < number; index++) {
    const module = target.generate(randomChoices(moduleSeed(seed, index)));
    bytes += module.length;
    largest = Math.max(largest, module.length);
    if (WebAssembly.validate(new Uint8Array(module))) validForV8++;
    const behaviour = observe(reference, module, planFor(module, 1), { trace });
    if (behaviour.kind !== 'refused') valid++;
    if (behaviour.kind !== 'ran') {
      ignored++;
      continue;
    }
    calls += behaviour.outcomes.length;
    if (behaviour.outcomes.some(({ kind }) => kind === 'exhaustion')) ignored++;
    for (const outcome of behaviour.outcomes) {
      count(outcomes, outcome.kind);
      if (outcome.kind !== 'trap') continue;
      trapped++;
      count(traps, outcome.trap ?? 'unknown');
    }
  }
  return {
    target: target.name, modules: number, bytes: { mean: Math.round(shareOf(bytes, number)), largest }, valid: shareOf(valid, number), validForV8: shareOf(validForV8, number), calls,
    trapRate: shareOf(trapped, calls), traps, outcomes, ignoredRate: shareOf(ignored, number), opcodes, values,
  };
}

async function reportPart(target: Target, seed: number, number: number): Promise<PartReport> {
  const opened = await target.open({ engines: [], occasional: [], askWabt: undefined }, []);
  const tally = emptyTally();
  for (let index = 0; index < number; index++) opened.build(randomChoices(moduleSeed(seed, index))).run({ tally, origin: undefined, turns: undefined, asksOpinions: true });
  const counts = tally.engines[target.name] ?? { executions: 0, agree: 0, disagree: 0, incomparable: 0 };
  const statistics = opened.statistics?.();
  const known = statistics?.rules ?? [];
  const never = known.filter((name) => !(statistics?.fired.has(name) ?? false));
  return {
    target: target.name, cases: counts.executions, agree: counts.agree, disagree: counts.disagree, ignoredRate: shareOf(counts.incomparable, counts.executions), incomparable: tally.incomparable,
    events: { happened: known.length - never.length, known: known.length, never },
  };
}

/** Measures all generators over the first cases of a seed. */
export async function reportGenerators(reference: Engine, seed: number, number: number): Promise<GeneratorReport> {
  const parts: PartReport[] = [];
  for (const target of partTargets) parts.push(await reportPart(target, seed, number));
  return { modules: moduleTargets.map((target) => reportModules(reference, target, seed, number)), parts };
}
