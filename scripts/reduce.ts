// Makes a module small while it keeps showing what it shows: a finding of crashes/, or any module with engines that disagree or with a script that says.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { randomChoices } from '../fuzz/generate/choices.ts';
import { commandJudge, type Judge, type JudgeOrder, laboratoryJudge, lookAt } from '../fuzz/minimise/judge.ts';
import { NothingToReduce, reduceModule, type Reduction } from '../fuzz/minimise/reduce.ts';
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
import { newStatus } from './status.ts';

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
  readonly bytes: Uint8Array;
  readonly output: string;
  readonly judge: Judge;
  readonly keeps: string;
  readonly mustBeValid: boolean;
  /** The generator that made it, and the draws, where they are known. */
  readonly origin: { readonly target: string; readonly seed: number; readonly number: number } | undefined;
}

export function command(): Command {
  return newVerb('reduce')
    .argument('<what>', 'a folder of crashes/, or a module, binary or text')
    .option('--engines <names>', "comma-separated, the first is the reference; by default the finding's, or a campaign's")
    .option('--fault <name>', 'plant a fault in our compiler (see: fuzz/faults)')
    .option('--exec <command>', 'decide by a command: it gets the path of a module as its last argument, and exits with 0 if that is interesting')
    .option('--seconds <n>', 'stop searching after so long', wholeNumber(1), 60)
    .option('--timeout <n>', 'seconds that one candidate may take', wholeNumber(1), 10)
    .option('--rounds <n>', 'how often each export is called', wholeNumber(1), 3)
    .option('--workers <n>', 'candidates judged at a time', wholeNumber(1), availableParallelism())
    .option('-o, --output <file>', 'where the small module goes; by default beside the large one, as NAME.reduced.wasm')
    .action(async (what: string, options: ReduceOptions) => {
      const task = await taskOf(what, options);
      try {
        await reduce(task, options);
      } catch (error) {
        if (error instanceof NothingToReduce) throw new UsageError(`${what}: ${error.message}`);
        throw error;
      } finally {
        task.judge.close();
      }
    });
}

async function taskOf(what: string, options: ReduceOptions): Promise<Task> {
  faultsOf(options.fault);
  if (!existsSync(what)) throw new UsageError(`${what}: no such file or folder`);
  const isFinding = statSync(what).isDirectory();
  if (isFinding && !existsSync(join(what, 'report.json'))) throw new UsageError(`${what}: holds no finding (report.json)`);
  const finding = isFinding ? readFinding(what) : undefined;
  if (finding !== undefined && finding.target !== undefined && maybeModuleTarget(finding.target) === undefined) {
    throw new UsageError(`${what}: the case is no module but one of the target ${finding.target}; campaigns make those small by their choices`);
  }
  const bytes = finding?.bytes ?? (await readModuleFile(what));
  const output = options.output ?? (isFinding ? join(what, 'reduced.wasm') : `${what.replace(/\.(wasm|wat)$/, '')}.reduced.wasm`);
  const origin = finding?.origin;
  const common = { bytes, output, origin };
  if (options.exec !== undefined) return { ...common, judge: commandJudge(options.exec, options.timeout), keeps: `exit code 0 of ${options.exec}`, mustBeValid: true };
  const order = await orderOf(finding, options);
  const wish = wishOf(finding) ?? (await lookAt(bytes, order, options.timeout * 3));
  if (wish === undefined) throw new UsageError(`${what}: the engines ${order.engines.join(', ')} agree; there is nothing to keep. --engines names others, --exec decides by a command`);
  const mustBeValid = !(wish.kind === 'difference' && wish.of === 'validity') && finding?.kind !== 'validity' && finding?.kind !== 'generator';
  return { ...common, judge: laboratoryJudge(order, wish, options.workers, options.timeout), keeps: showWish(wish), mustBeValid };
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

/** Time for the tape, which is quick while a case is large. */
const tapeShare = 0.3;

async function reduce({ bytes, output, judge, keeps, mustBeValid, origin }: Task, options: ReduceOptions): Promise<void> {
  const status = newStatus();
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const isLate = (share: number) => (): boolean => seconds() > options.seconds * share;
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
    onProgress: ({ best, pass, tries, round }) => status.show(`round ${round}, ${pass}: ${best.bytes.length} bytes, ${instructionsOf(best.m)} instructions, ${tries} tries, ${seconds().toFixed(0)} of ${options.seconds} s`),
  });
  status.clear();
  writeFileSync(output, reduction.bytes);
  if (options.json) printJson({ output, keeps, bytes: { before: bytes.length, after: reduction.bytes.length }, instructions: reduction.instructions, tries: reduction.tries, discarded: reduction.discarded, seconds: Number(seconds().toFixed(2)), finished: reduction.isFinished, steady: { yes: reduction.steadiness.yes, of: reduction.steadiness.of }, accepted: reduction.accepted });
  else print(await summary(bytes, output, keeps, reduction, seconds()));
}

async function summary(bytes: Uint8Array, output: string, keeps: string, { bytes: small, instructions, tries, isFinished, steadiness }: Reduction, seconds: number): Promise<string> {
  const text = small.length < 2000 ? await maybePrintText(small) : undefined;
  return [
    `${bytes.length} bytes became ${small.length}, ${instructions.before} instructions ${instructions.after}, in ${seconds.toFixed(1)} s and ${tries} tries${isFinished ? '' : '; time ran out before nothing helped any more (--seconds)'}`,
    `kept: ${keeps}`,
    ...(steadiness.yes === steadiness.of ? [] : [`the start showed it only ${steadiness.yes} times of ${steadiness.of}; each candidate had to ${steadiness.needed} times in ${steadiness.runs}`]),
    ...(text === undefined ? [] : ['', text.trimEnd(), '']),
    `written: ${output}`,
  ].join('\n');
}
