// Makes a module or IR small while it keeps showing what it shows: a finding of crashes/, any module with engines that disagree, or anything with a script that says.

import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { TextError } from '../compiler/inside.ts';
import { randomChoices } from '../fuzz/generate/choices.ts';
import { commandJudge, type Judge, type JudgeOrder, laboratoryJudge, lookAt, PredicateFailed } from '../fuzz/minimise/judge.ts';
import { NothingToReduce, reduceModule, type Reduction } from '../fuzz/minimise/reduce.ts';
import { irCaseOf, irFile, reduceIr, type IrReduction } from '../fuzz/minimise/reduce-ir.ts';
import { irInstructionsOf } from '../fuzz/minimise/ir-subject.ts';
import { searchTape } from '../fuzz/minimise/tape-subject.ts';
import { showWish, type Wish } from '../fuzz/minimise/wish.ts';
import { instructionsOf } from '../fuzz/minimise/wasm-subject.ts';
import { engineNames } from '../fuzz/oracles/engines/index.ts';
import { maybeModuleTarget, moduleSeed } from '../fuzz/targets/index.ts';
import { type FindingOnDisk, readFinding } from '../fuzz/triage/finding.ts';
import { maybePrintText } from '../fuzz/wast/text.ts';
import { enginesOf, faultsOf } from './diff.ts';
import { newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';
import { newStatus, type Status } from './status.ts';

interface ReduceOptions {
  readonly engines?: string;
  readonly fault?: string;
  readonly exec?: string;
  readonly seconds: number;
  readonly timeout: number;
  readonly rounds: number;
  readonly workers: number;
  readonly output?: string;
  readonly json?: true;
}

/** What is to be reduced, and what must stay. */
interface Task {
  readonly output: string;
  readonly judge: Judge;
  readonly keeps: string;
  /** How to see for oneself whether it is interesting. */
  readonly byHand: string;
  readonly given:
    /** `origin`: the generator that made it, and the draws, where they are known. */
    | { readonly kind: 'module'; readonly bytes: Uint8Array; readonly mustBeValid: boolean; readonly origin: FindingOnDisk['origin'] }
    | { readonly kind: 'ir'; readonly text: string };
}

type Given = Task['given'];

export function command(): Command {
  return newVerb('reduce')
    .argument('<what>', 'a folder of crashes/, a module, binary or text, or IR (NAME.ir)')
    .option('--engines <names>', "comma-separated, the first is the reference; by default the finding's, or a campaign's")
    .option('--fault <name>', 'plant a fault in our compiler (see: fuzz/faults)')
    .option('--exec <command>', 'decide by a command: it gets the path of a candidate as its last argument, and exits with 0 if that is interesting')
    .option('--seconds <n>', 'stop searching after so long', wholeNumber(1), 60)
    .option('--timeout <n>', 'seconds that one candidate may take', wholeNumber(1), 10)
    .option('--rounds <n>', 'how often each export is called', wholeNumber(1), 3)
    .option('--workers <n>', 'candidates judged at a time', wholeNumber(1), availableParallelism())
    .option('-o, --output <file>', 'where the small one goes; by default beside the large one, as NAME.reduced.wasm or NAME.reduced.ir. It always holds the best so far')
    .action(async (what: string, options: ReduceOptions) => {
      try {
        const task = await taskOf(what, options);
        try {
          await reduce(task, options);
        } finally {
          task.judge.close();
        }
      } catch (error) {
        if (error instanceof NothingToReduce) throw new UsageError(`${what}: ${error.message}`);
        if (error instanceof PredicateFailed) throw new UsageError(error.message);
        if (error instanceof TextError) throw new UsageError(`${what}:${error.message}`);
        throw error;
      }
    });
}

async function taskOf(what: string, options: ReduceOptions): Promise<Task> {
  faultsOf(options.fault);
  if (!existsSync(what)) throw new UsageError(`${what}: no such file or folder`);
  const isFinding = statSync(what).isDirectory();
  if (isFinding && !existsSync(join(what, 'report.json'))) throw new UsageError(`${what}: holds no finding (report.json)`);
  const finding = isFinding ? readFinding(what) : undefined;
  if (finding === undefined ? what.endsWith('.ir') : finding.file === irFile) return await irTaskOf(what, finding, options);
  if (finding?.target !== undefined) throw new UsageError(`${what}: the case is neither a module nor IR but one of the target ${finding.target}; campaigns make those small by their choices`);
  const bytes = finding?.bytes ?? (await readModuleFile(what));
  const output = options.output ?? (isFinding ? join(what, 'reduced.wasm') : `${what.replace(/\.(wasm|wat)$/, '')}.reduced.wasm`);
  const given = { kind: 'module', bytes, origin: finding?.origin } as const;
  if (options.exec !== undefined) return { ...byCommand(what, output, options.exec, options), given: { ...given, mustBeValid: true } };
  const order = await orderOf(finding, options);
  const wish = wishOf(finding) ?? (await lookAt(bytes, order, options.timeout * 3));
  if (wish === undefined) throw new UsageError(`${what}: the engines ${order.engines.join(', ')} agree; there is nothing to keep. --engines names others, --fault plants a fault, --exec decides by a command`);
  const mustBeValid = !(wish.kind === 'difference' && wish.of === 'validity') && finding?.kind !== 'validity' && finding?.kind !== 'generator';
  const byHand = isFinding ? `assay replay ${what} tells what it shows today` : `assay diff ${what}`;
  return { output, judge: laboratoryJudge(order, wish, options.workers, options.timeout), keeps: showWish(wish), byHand, given: { ...given, mustBeValid } };
}

function byCommand(what: string, output: string, exec: string, { timeout }: ReduceOptions, name?: string): Omit<Task, 'given'> {
  return { output, judge: commandJudge(exec, timeout, name), keeps: `exit code 0 of ${exec}`, byHand: `it must exit with 0 for it within ${timeout} s (--timeout); try: ${exec} ${what}` };
}

/** IR is judged by a command, or by the target that reads it: the evaluator against the mid-end and compiled code, or printers against parsers. */
async function irTaskOf(what: string, finding: FindingOnDisk | undefined, options: ReduceOptions): Promise<Task> {
  if (options.engines !== undefined) throw new UsageError(`${what}: IR is run by no engine of that list; without --engines the evaluator is compared with the mid-end and with compiled code, --exec decides by a command`);
  const text = finding === undefined ? readFileSync(what, 'utf8') : new TextDecoder().decode(finding.bytes);
  const output = options.output ?? (finding === undefined ? `${what.slice(0, -3)}.reduced.ir` : join(what, 'reduced.ir'));
  if (options.exec !== undefined) return { ...byCommand(what, output, options.exec, options, 'candidate.ir'), given: { kind: 'ir', text } };
  const { part, text: whole } = irCaseOf(text);
  const order: JudgeOrder = { engines: [], fault: options.fault, rounds: options.rounds, asksWabt: false, part };
  const wish = wishOf(finding) ?? (await lookAt(new TextEncoder().encode(whole), order, options.timeout * 3));
  if (wish === undefined) throw new UsageError(`${what}: the target ${part.target} finds nothing wrong with it; there is nothing to keep. --fault plants a fault, --exec decides by a command`);
  const byHand = finding === undefined ? `the target ${part.target} must find ${showWish(wish)} in it` : `assay replay ${what} tells what it shows today`;
  return { output, judge: laboratoryJudge(order, wish, options.workers, options.timeout), keeps: showWish(wish), byHand, given: { kind: 'ir', text: whole } };
}

function wishOf(finding: FindingOnDisk | undefined): Wish | undefined {
  if (finding === undefined) return undefined;
  if (finding.kind === 'death' || finding.kind === 'hang') return { kind: 'death', how: finding.kind };
  return { kind: 'signature', signature: finding.signature, odd: finding.odd };
}

async function orderOf(finding: FindingOnDisk | undefined, options: ReduceOptions): Promise<JudgeOrder> {
  const { fault, rounds } = options;
  const common = { fault, rounds: finding?.origin === undefined ? rounds : (maybeModuleTarget(finding.origin.target)?.rounds ?? rounds), asksWabt: finding?.odd === 'wabt' };
  const known = await engineNames();
  const found = finding?.engines.filter((name) => known.includes(name)) ?? [];
  if (options.engines === undefined && found.length > 0) return { ...common, engines: found };
  const { engines } = await enginesOf(options.engines);
  return { ...common, engines: engines.map(({ name }) => name) };
}

/** Puts the best so far in its place whole, so that whoever looks, or is left after a kill, has something that works. */
function keep(output: string, content: string | Uint8Array): void {
  const partial = `${output}.${process.pid}.tmp`;
  writeFileSync(partial, content);
  renameSync(partial, output);
}

/** A search as its passes see it: when to end, and whom to tell. */
interface Session {
  readonly options: ReduceOptions;
  readonly status: Status;
  readonly seconds: () => number;
  /** Whether a share of the time is over, or somebody wants the best so far. */
  readonly isLate: (share: number) => () => boolean;
  readonly keep: (content: string | Uint8Array) => void;
}

async function reduce({ output, judge, keeps, byHand, given }: Task, options: ReduceOptions): Promise<void> {
  const status = newStatus();
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  let isInterrupted = false;
  // The first interrupt ends the search, the second the process.
  const interrupt = (): void => {
    isInterrupted = true;
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const session: Session = { options, status, seconds, isLate: (share) => () => isInterrupted || seconds() > options.seconds * share, keep: (content) => keep(output, content) };
  try {
    const reduction = given.kind === 'module' ? await reduceModuleOf(given, judge, session) : await reduceIrOf(given, judge, session);
    status.clear();
    const content = 'text' in reduction ? reduction.text : reduction.bytes;
    keep(output, content);
    const bytes = { before: sizeOf(given), after: content.length };
    const { instructions, tries, discarded, isFinished, steadiness, accepted } = reduction;
    if (options.json) printJson({ kind: given.kind, output, keeps, bytes, instructions, tries, discarded, seconds: Number(seconds().toFixed(2)), finished: isFinished, interrupted: isInterrupted, steady: { yes: steadiness.yes, of: steadiness.of }, accepted });
    else print(await summary(reduction, { output, keeps, bytes, seconds: seconds(), isInterrupted }));
  } catch (error) {
    // Why it is not interesting is best seen by hand.
    if (error instanceof NothingToReduce && error.isReadable) throw new NothingToReduce(`${error.message}; ${byHand}`, true);
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

const sizeOf = (given: Given): number => (given.kind === 'module' ? given.bytes.length : given.text.length);

/** Time for the tape, which is quick while a case is large. */
const tapeShare = 0.3;

async function reduceModuleOf({ bytes, mustBeValid, origin }: Extract<Given, { kind: 'module' }>, judge: Judge, { options, status, seconds, isLate, keep: keepBest }: Session): Promise<Reduction> {
  const common = { width: options.workers };
  let start = bytes;
  const target = origin === undefined ? undefined : maybeModuleTarget(origin.target);
  if (origin !== undefined && target !== undefined) {
    const choices = randomChoices(moduleSeed(origin.seed, origin.number));
    const made = target.generate(choices);
    if (await judge.judge(made)) {
      const { best } = await searchTape(target.generate, choices, (built) => judge.judge(built), { ...common, isLate: isLate(tapeShare), onProgress: ({ best: now, tries }) => status.show(`by its choices: ${now.built.length} bytes, ${tries} tries, ${seconds().toFixed(0)} s`) });
      if (best.built.length < start.length && (await judge.judge(best.built))) start = best.built;
    }
  }
  const reduction = await reduceModule(start, (candidate) => judge.judge(candidate), {
    ...common, isLate: isLate(1), mustBeValid,
    onProgress: ({ best, pass, tries, round }) => {
      keepBest(best.bytes);
      status.show(`round ${round}, ${pass}: ${best.bytes.length} bytes, ${instructionsOf(best.m)} instructions, ${tries} tries, ${seconds().toFixed(0)} of ${options.seconds} s`);
    },
  });
  return reduction;
}

async function reduceIrOf({ text }: Extract<Given, { kind: 'ir' }>, judge: Judge, { options, status, seconds, isLate, keep: keepBest }: Session): Promise<IrReduction> {
  const encoder = new TextEncoder();
  return await reduceIr(text, (candidate) => judge.judge(encoder.encode(candidate)), {
    width: options.workers, isLate: isLate(1),
    onProgress: ({ best, pass, tries, round }) => {
      keepBest(best.text);
      status.show(`round ${round}, ${pass}: ${irInstructionsOf(best.ir)} instructions, ${tries} tries, ${seconds().toFixed(0)} of ${options.seconds} s`);
    },
  });
}

interface Told {
  readonly output: string;
  readonly keeps: string;
  readonly bytes: { readonly before: number; readonly after: number };
  readonly seconds: number;
  readonly isInterrupted: boolean;
}

async function summary(reduction: Reduction | IrReduction, { output, keeps, bytes, seconds, isInterrupted }: Told): Promise<string> {
  const { instructions, tries, isFinished, steadiness } = reduction;
  const text = bytes.after >= 2000 ? undefined : 'text' in reduction ? reduction.text : await maybePrintText(reduction.bytes);
  const unfinished = isInterrupted ? '; interrupted before nothing helped any more' : '; time ran out before nothing helped any more (--seconds)';
  return [
    `${bytes.before} bytes became ${bytes.after}, ${instructions.before} instructions ${instructions.after}, in ${seconds.toFixed(1)} s and ${tries} tries${isFinished ? '' : unfinished}`,
    `kept: ${keeps}`,
    ...(steadiness.yes === steadiness.of ? [] : [`the start showed it only ${steadiness.yes} times of ${steadiness.of}; each candidate had to ${steadiness.needed} times in ${steadiness.runs}`]),
    ...(text === undefined ? [] : ['', text.trimEnd(), '']),
    `written: ${output}`,
  ].join('\n');
}
