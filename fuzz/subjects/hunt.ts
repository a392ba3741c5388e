// A campaign against one subject: modules that stand alone, judged; what differs is reduced and becomes a defect, unless a known one explains it.
//
// A number and the seed give the module, so that a hunt can be repeated. Defects found by other processes in the same folder are taken for known.

import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { generateInstructionModule, generateVectorInstructionModule } from '../generate/one-instruction.ts';
import { search } from '../minimise/engine.ts';
import { moduleSubject, startingCandidate } from '../minimise/wasm-subject.ts';
import { NotStandalone, standalone } from '../oracles/foreign/standalone.ts';
import type { Engine } from '../oracles/engine.ts';
import { isWholeRun, planFor } from '../oracles/observe.ts';
import { moduleSeed } from '../targets/index.ts';
import { defectOf, explains, instructionCount, instructionNames, moduleOf } from './defect.ts';
import { judge, type Referees } from './judge.ts';
import { readDefects, saveDefect } from './record.ts';

export interface HuntCounts {
  modules: number;
  agree: number;
  disagree: number;
  incomparable: number;
  /** Modules on which the two references differ. */
  undecided: number;
  /** Modules that could not be made to stand alone. */
  dependent: number;
  /** Why nothing was learnt, by reason. */
  readonly reasons: Record<string, number>;
  /** How often each defect was met, by signature. */
  readonly met: Record<string, number>;
}

export function emptyCounts(): HuntCounts {
  return { modules: 0, agree: 0, disagree: 0, incomparable: 0, undecided: 0, dependent: 0, reasons: {}, met: {} };
}

export interface Hunt {
  readonly referees: Referees;
  /** Where defects go. */
  readonly folder: string;
  readonly seed: number;
  /** For one reduction. */
  readonly reduceSeconds: number;
}

interface Source {
  readonly generate: (c: ReturnType<typeof randomChoices>) => Uint8Array;
  readonly rounds: number;
  readonly weight: number;
}

const sources: readonly Source[] = [
  { generate: generateInstructionModule, rounds: 4, weight: 4 },
  { generate: generateVectorInstructionModule, rounds: 4, weight: 2 },
  { generate: generateModule, rounds: 1, weight: 3 },
  { generate: generateModernModule, rounds: 1, weight: 3 },
];
const allWeight = sources.reduce((sum, { weight }) => sum + weight, 0);

/** Of modules that a known defect explains, one in so many is reduced all the same. */
const doubt = 24;

function sourceOf(draw: number): Source | undefined {
  let rest = draw % allWeight;
  return sources.find(({ weight }) => (rest -= weight) < 0);
}

/** Most modules go to a subject as they are, if it can make calls with arguments: then nothing of ours stands before what is tested. */
function isDirect(subject: Engine, draw: number): boolean {
  return isWholeRun(subject) && subject.takesArguments && (draw >>> 12) % 4 > 0;
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Examines the module with a number. */
export async function examineNumber(hunt: Hunt, number: number, counts: HuntCounts): Promise<void> {
  const draw = moduleSeed(~hunt.seed, number);
  const source = sourceOf(draw);
  if (source === undefined) return;
  const original = source.generate(randomChoices(moduleSeed(hunt.seed, number)));
  let bytes = original;
  const rounds = isDirect(hunt.referees.subject, draw) ? source.rounds : 1;
  try {
    // State at the end shows more; without it, less of the subject stands between a fault and its discovery.
    if (!isDirect(hunt.referees.subject, draw)) bytes = standalone(original, planFor(original, source.rounds), { showsState: (draw >>> 16) % 2 === 0 });
  } catch (error) {
    if (!(error instanceof NotStandalone)) throw error;
    counts.dependent++;
    return;
  }
  counts.modules++;
  const judgement = judge(hunt.referees, bytes, rounds);
  switch (judgement.kind) {
    case 'agree':
      counts.agree++;
      return;
    case 'incomparable':
      counts.incomparable++;
      add(counts.reasons, judgement.reason);
      return;
    case 'undecided':
      counts.undecided++;
      add(counts.reasons, `references differ: ${judgement.detail}`);
      return;
    case 'defect': {
      counts.disagree++;
      const names = new Set(instructionNames(moduleOf(bytes)));
      const known = readDefects(hunt.folder).find((defect) => explains(defect, judgement.difference, judgement.message, names));
      if (known !== undefined && (draw >>> 8) % doubt !== 0) add(counts.met, known.signature);
      else add(counts.met, await reduceToDefect(hunt, bytes, rounds, judgement));
    }
  }
}

/** Reduces a module as long as the subject goes wrong in the same way, saves what is left, and names it. */
async function reduceToDefect(hunt: Hunt, bytes: Uint8Array, rounds: number, { difference, message }: { readonly difference: string; readonly message: string }): Promise<string> {
  const start = startingCandidate(bytes);
  if ('kind' in start) throw new Error(start.message);
  const late = Date.now() + hunt.reduceSeconds * 1000;
  const isSame = (candidate: Uint8Array): boolean => {
    const again = judge(hunt.referees, candidate, rounds);
    return again.kind === 'defect' && again.difference === difference && again.message === message;
  };
  const { best } = await search(moduleSubject(), start, (candidate) => Promise.resolve(isSame(candidate.bytes)), { isLate: () => Date.now() > late });
  const last = judge(hunt.referees, best.bytes, rounds);
  const { subject } = hunt.referees;
  const defect = defectOf(best.m, difference, message);
  await saveDefect(hunt.folder, { ...defect, subject: subject.name, version: subject.version, instructions: instructionCount(best.m), rounds, detail: last.kind === 'defect' ? last.detail : 'it did not show again' }, best.bytes);
  return defect.signature;
}
