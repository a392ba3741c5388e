// Times the reducer on planted miscompiles in large modules, beside wasm-reduce where it is installed.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { costOfQuestions, type Measured, measure, type QuestionCost, type Way, ways } from '../fuzz/minimise/bench.ts';
import { type BenchCase, instructionsIn, maybeCase, type Recipe } from '../fuzz/minimise/bench-case.ts';
import { benchRecipes } from '../fuzz/minimise/bench-recipes.ts';
import { installWasmReduce, maybeWasmReduce } from '../fuzz/minimise/wasm-reduce.ts';
import { defaultTarget } from '../compiler/inside.ts';
import { openEngine } from '../fuzz/oracles/engines/index.ts';
import { EnvironmentError, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { newStatus, type Status } from './status.ts';

interface BenchReduceOptions {
  readonly seconds: number;
  readonly workers: number;
  readonly ways: readonly Way[];
  readonly results?: string;
  readonly search?: true;
  readonly installWasmReduce?: true;
  readonly json?: true;
}

interface Row {
  readonly recipe: Recipe;
  readonly component: string;
  readonly digest: string;
  /** False when the generator has changed and another module was found. */
  readonly isAsInRecipe: boolean;
  readonly before: { readonly bytes: number; readonly instructions: number };
  readonly question: QuestionCost | undefined;
  readonly measured: Partial<Record<Way, Measured>>;
}

export function command(): Command {
  return newVerb('bench-reduce')
    .argument('[faults...]', 'which of the twelve; all by default')
    .option('--seconds <n>', 'processor time for each case and way', wholeNumber(1), 100)
    .option('--workers <n>', 'candidates that assay judges at a time; commands are asked one after another', wholeNumber(1), 1)
    .option('--ways <names>', `comma-separated, of ${ways.join(', ')}`, waysOf, ways)
    .option('--results <file>', 'keep results here, and do not measure again what it holds: so a benchmark goes on where it was interrupted')
    .option('--search', 'look for cases from number 0 instead of taking the known ones')
    .option('--install-wasm-reduce', 'first unpack a native Binaryen into .cache, from the packages of a later Debian release')
    .action(async (names: string[], options: BenchReduceOptions) => {
      const recipes = chosen(names).map((recipe) => (options.search ? { ...recipe, number: 0, arrangement: 0 } : recipe));
      const availability = (await openEngine(defaultTarget)).availability();
      if (!availability.available) throw new EnvironmentError(`the engine ${defaultTarget}, in which the faults are planted, does not work here: ${availability.reason}`, 'assay engines lists those that do');
      if (options.installWasmReduce) {
        const installed = installWasmReduce((line) => process.stderr.write(`${line}\n`));
        if (!installed.ok) throw new EnvironmentError(`wasm-reduce could not be installed: ${installed.reason}`, '--ways assay,"assay --exec" measures without it');
      }
      const peer = maybeWasmReduce();
      const measuredWays = ways.filter((way) => options.ways.includes(way) && (way !== 'wasm-reduce' || peer !== undefined));
      const rows = await measureAll(recipes, measuredWays, options, peer?.program);
      if (options.json) printJson({ wasmReduce: peer?.version ?? null, cpuSecondsEach: options.seconds, rows });
      else {
        print(tableOf(rows, measuredWays).join('\n'));
        if (options.ways.includes('wasm-reduce')) print(peer === undefined ? 'there is no wasm-reduce here that can start processes; --install-wasm-reduce fetches one (Debian)' : `wasm-reduce is that of Binaryen ${peer.version}`);
      }
    });
}

function waysOf(text: string): readonly Way[] {
  return text.split(',').map((name) => {
    const way = ways.find((one) => one === name);
    if (way === undefined) throw new UsageError(`there is no way '${name}' to measure; there are: ${ways.join(', ')}`);
    return way;
  });
}

function chosen(names: readonly string[]): readonly Recipe[] {
  for (const name of names) if (!benchRecipes.some(({ fault }) => fault === name)) throw new UsageError(`no case has the fault '${name}'; there are: ${benchRecipes.map(({ fault }) => fault).join(', ')}`);
  return names.length === 0 ? benchRecipes : benchRecipes.filter(({ fault }) => names.includes(fault));
}

/** Results by case, way and settings, in a file of JSON lines if one is given. */
class Results {
  private readonly known = new Map<string, unknown>();
  private readonly file: string | undefined;

  constructor(file: string | undefined) {
    this.file = file;
    if (file === undefined || !existsSync(file)) return;
    for (const [at, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      if (line === '') continue;
      try {
        const { key, value } = JSON.parse(line) as { readonly key: string; readonly value: unknown };
        this.known.set(key, value);
      } catch {
        throw new UsageError(`${file}, line ${at + 1}: not a line of results; --results takes a file that this verb wrote, or a new name`);
      }
    }
  }

  /** What is known under the key, else what `make` makes, kept at once. */
  async of<T>(parts: readonly (string | number)[], make: () => Promise<T>): Promise<T> {
    const key = parts.join(' ');
    if (this.known.has(key)) return this.known.get(key) as T;
    const value = await make();
    this.known.set(key, value);
    if (this.file !== undefined) appendFileSync(this.file, `${JSON.stringify({ key, value })}\n`);
    return value;
  }
}

async function measureAll(recipes: readonly Recipe[], measuredWays: readonly Way[], options: BenchReduceOptions, wasmReduce: string | undefined): Promise<Row[]> {
  const status = newStatus();
  const results = new Results(options.results);
  const rows: Row[] = [];
  for (const recipe of recipes) rows.push(await rowFor(recipe, measuredWays, options, wasmReduce, results, (text) => status.show(`${rows.length} of ${recipes.length} cases; ${text}`)));
  status.clear();
  return rows;
}

async function rowFor(recipe: Recipe, measuredWays: readonly Way[], { seconds, workers }: BenchReduceOptions, wasmReduce: string | undefined, results: Results, say: Status['show']): Promise<Row> {
  const fault = plantedFaults.find(({ name }) => name === recipe.fault);
  if (fault === undefined) throw new Error(`no fault is called '${recipe.fault}'`);
  const searched = await maybeCase(recipe, fault.target, (tried) => say(`${recipe.fault}: making the module${tried === 0 ? '' : `, ${tried} tried beyond the known one`}`));
  if (searched === undefined) throw new Error(`no generated module from number ${recipe.number} on shows ${recipe.fault}`);
  const { given, isAsInRecipe } = searched;
  const measured: Partial<Record<Way, Measured>> = {};
  for (const way of measuredWays) {
    if (way === 'wasm-reduce' && given.recipe.isBeyondBinaryen) continue;
    say(`${recipe.fault}: ${way}, ${given.bytes.length} bytes`);
    measured[way] = await results.of([given.digest, recipe.fault, seconds, way, way === 'assay' ? workers : 1], () => measure(way, given, { seconds, width: workers, wasmReduce }));
  }
  const question = measuredWays.some((way) => way !== 'assay') ? await results.of([given.digest, recipe.fault, 'question'], () => costOfQuestions(given)) : undefined;
  return { recipe: given.recipe, component: fault.component, digest: given.digest, isAsInRecipe, before: sizeOf(given), question, measured };
}

function sizeOf({ bytes }: BenchCase): Row['before'] {
  return { bytes: bytes.length, instructions: instructionsIn(bytes) };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function cellsOf(measured: Measured | undefined): string[] {
  if (measured === undefined) return ['', '', '', '', ''];
  const { instructions, bytes, cpuSeconds, seconds, tries, failure, isInteresting } = measured;
  const remark = !isInteresting ? ' (lost)' : failure === undefined ? '' : failure === 'time ran out' ? ' (cut)' : ' (failed)';
  return [`${instructions}${remark}`, String(bytes), cpuSeconds.toFixed(1), seconds.toFixed(1), String(tries)];
}

/** A table that Markdown understands, with medians, and below it what does not fit. */
function tableOf(rows: readonly Row[], measuredWays: readonly Way[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const header = ['fault', 'component', 'instructions', 'bytes', ...measuredWays.flatMap((way) => [`${way}: instructions`, 'bytes', 'CPU s', 's', 'tries'])];
  const body = rows.map(({ recipe, component, before, measured }) => [recipe.fault, component, String(before.instructions), String(before.bytes), ...measuredWays.flatMap((way) => cellsOf(measured[way]))]);
  const over = (pick: (row: Row) => number | undefined, digits = 0): string => {
    const numbers = rows.flatMap((row) => pick(row) ?? []);
    return numbers.length === 0 ? '' : median(numbers).toFixed(digits);
  };
  const medians = ['median', '', over(({ before }) => before.instructions), over(({ before }) => before.bytes), ...measuredWays.flatMap((way) => [
    over(({ measured }) => measured[way]?.instructions, 1), over(({ measured }) => measured[way]?.bytes, 1), over(({ measured }) => measured[way]?.cpuSeconds, 1), over(({ measured }) => measured[way]?.seconds, 1), over(({ measured }) => measured[way]?.tries),
  ])];
  const questions = rows.flatMap(({ question }) => question ?? []);
  return [
    line(header), line(header.map(() => '---')), ...body.map(line), line(medians), '',
    ...(questions.length === 0 ? [] : [`a question takes ${median(questions.map(({ direct }) => direct)).toFixed(1)} ms asked directly and ${median(questions.map(({ command: byCommand }) => byCommand)).toFixed(1)} ms by the command (medians over the large modules)`]),
    ...rows.flatMap(({ recipe, isAsInRecipe }) => (isAsInRecipe ? [] : [`${recipe.fault}: the known module is none any more; found number ${recipe.number}, arrangement ${recipe.arrangement}`])),
    ...rows.flatMap(({ recipe, measured }) => measuredWays.flatMap((way) => {
      const failure = measured[way]?.failure;
      return failure === undefined || failure === 'time ran out' ? [] : [`${recipe.fault}: ${way} ${failure}`];
    })),
    ...rows.flatMap(({ recipe }) => (recipe.isBeyondBinaryen && measuredWays.includes('wasm-reduce') ? [`${recipe.fault} needs blocks that take operands, which Binaryen does not read`] : [])),
  ];
}
