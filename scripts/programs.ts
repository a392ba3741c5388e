// Real programs and modules that nobody here wrote: fetches and builds them (programs/build.ts), runs the programs on several engines and
// compares everything they leave, and compiles the modules of npm packages.

import { readFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import type { Command } from 'commander';
import { differences, type ProgramRun, runProgram } from '../fuzz/oracles/wasi/program.ts';
import { nativeEngineName } from '../fuzz/oracles/engines/index.ts';
import { exitCode, newVerb, print, printJson, root, UsageError } from './frame.ts';
import { buildProgram, fetchAllModules } from './programs/build.ts';
import { type ProgramRecipe, programs } from './programs/recipes.ts';
import { requireEngine } from './run.ts';
import { newStatus } from './status.ts';

interface ProgramResult {
  readonly program: string;
  readonly args: readonly string[];
  readonly runs: readonly { readonly engine: string; readonly ending: string; readonly stdoutBytes: number; readonly compileMs: number; readonly runMs: number }[];
  readonly differences: readonly string[];
}

interface ModuleResult {
  readonly module: string;
  readonly bytes: number;
  /** Per engine: `compiled`, or why not. */
  readonly verdicts: Readonly<Record<string, string>>;
}

interface ProgramsOptions {
  readonly engines?: string;
  readonly modules?: true;
  readonly json?: true;
}

export function command(): Command {
  return newVerb('programs')
    .argument('[names...]', 'programs to run; all of them unless named')
    .option('--engines <names>', "engines to compare, separated by commas; interp, this CPU's and v8 unless given")
    .option('--modules', 'compile the modules of npm packages instead')
    .action(async (names: string[], options: ProgramsOptions) => {
      const engines = options.engines?.split(',') ?? ['interp', await nativeEngineName(), 'v8'];
      if (options.modules) await compileModules(engines, options.json === true);
      else await runPrograms(names, engines, options.json === true);
    });
}

const endingOf = ({ ending }: ProgramRun): string => {
  switch (ending.kind) {
    case 'exit':
      return `exit ${ending.code}`;
    case 'values':
      return 'exit 0';
    case 'trap':
      return `trap: ${ending.trap ?? 'unknown'}`;
    case 'refused':
    case 'link':
      return `${ending.kind}: ${ending.message}`;
    default:
      return ending.kind;
  }
};

async function runPrograms(names: readonly string[], engineNames: readonly string[], json: boolean): Promise<void> {
  const unknown = names.filter((name) => !programs.some((program) => program.name === name));
  if (unknown.length > 0) throw new UsageError(`no program is called ${unknown.join(', ')}; there are: ${programs.map((program) => program.name).join(', ')}`);
  const engines = await Promise.all(engineNames.map(requireEngine));
  const status = newStatus();
  const results: ProgramResult[] = [];
  for (const recipe of programs) {
    if (names.length > 0 && !names.includes(recipe.name)) continue;
    status.show(`building ${recipe.name}`);
    const built = buildProgram(recipe);
    for (const [i, run] of recipe.runs.entries()) {
      const runs = engines.map((engine) => {
        status.show(`${recipe.name} on ${engine.name}`);
        return runProgram(engine, {
          name: recipe.name,
          bytes: readFileSync(built.wasm),
          args: run.args,
          ...(run.stdin === undefined ? {} : { stdin: Buffer.from(run.stdin) }),
          folder: built.folder,
        });
      });
      const [first, ...others] = runs;
      const result: ProgramResult = {
        program: recipe.name,
        args: run.args,
        runs: runs.map((r) => ({ engine: r.engine, ending: endingOf(r), stdoutBytes: r.stdout.length, compileMs: Math.round(r.compileMs), runMs: Math.round(r.runMs) })),
        differences: first === undefined ? [] : others.flatMap((other) => differences(first, other)),
      };
      results.push(result);
      status.clear();
      if (!json) print(programLine(recipe, i, result));
    }
    if (recipe.runs.length === 0 && !json) print(`${recipe.name}: a library; ./scripts/assay diff ${relative(root, built.wasm)}`);
  }
  status.clear();
  if (json) printJson(results);
  else print(`${results.length} runs, ${results.filter((result) => result.differences.length > 0).length} with differences`);
  if (results.some((result) => result.differences.length > 0)) process.exitCode = exitCode.finding;
}

function programLine(recipe: ProgramRecipe, run: number, result: ProgramResult): string {
  const times = result.runs.map((r) => `${r.engine} ${r.compileMs}+${r.runMs} ms`).join(', ');
  const first = result.runs[0];
  const agreed = result.differences.length === 0 ? `agree: ${first?.ending}, ${first?.stdoutBytes} bytes of output` : 'DIFFER';
  return [`${recipe.name}[${run}] ${result.args.join(' ')}: ${agreed} (${times})`, ...result.differences.map((line) => `    ${line}`)].join('\n');
}

async function compileModules(engineNames: readonly string[], json: boolean): Promise<void> {
  const engines = await Promise.all(engineNames.map(requireEngine));
  const status = newStatus();
  const results: ModuleResult[] = [];
  for (const files of fetchAllModules((text) => status.show(text)).values()) {
    for (const file of files) {
      const bytes = readFileSync(file);
      const verdicts: Record<string, string> = {};
      for (const engine of engines) {
        status.show(`${basename(file)} on ${engine.name}`);
        const store = engine.openStore();
        const compiled = store.compile(bytes);
        verdicts[engine.name] = compiled.kind === 'compiled' ? 'compiled' : compiled.kind === 'unsupported' ? `unsupported: ${compiled.feature}` : `${compiled.kind}: ${compiled.message}`;
        store.dispose();
      }
      results.push({ module: `${basename(dirname(dirname(file)))}/${basename(file)}`, bytes: bytes.length, verdicts });
    }
  }
  status.clear();
  if (json) printJson(results);
  else {
    for (const { module, bytes, verdicts } of results) print(`${module} (${bytes} bytes): ${Object.entries(verdicts).map(([engine, verdict]) => `${engine} ${verdict}`).join(', ')}`);
    for (const engine of engineNames) print(`${engine}: ${results.filter((result) => result.verdicts[engine] === 'compiled').length} of ${results.length} compiled`);
  }
  // A refusal that names a feature is an answer; anything else that V8 would not say is a finding.
  if (results.some((result) => Object.values(result.verdicts).some((verdict) => /^(malformed|invalid)/.test(verdict)))) process.exitCode = exitCode.finding;
}
