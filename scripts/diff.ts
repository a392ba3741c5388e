// Runs a module on every engine, side by side: the verdict, the odd one out, and the first level that differs.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Fault } from '../compiler/inside.ts';
import { maybeFault, plantedFaults } from '../fuzz/faults/index.ts';
import type { Engine } from '../fuzz/oracles/engine.ts';
import { campaignEngines, openEngine, UnknownEngine } from '../fuzz/oracles/engines/index.ts';
import { describe } from '../fuzz/oracles/compare.ts';
import { readModuleInterface } from '../fuzz/oracles/module-interface.ts';
import { NotStandalone } from '../fuzz/oracles/foreign/standalone.ts';
import { isWholeRun, type PlannedCall } from '../fuzz/oracles/observe.ts';
import { moduleSideBySide, programSideBySide, type SideBySide } from '../fuzz/oracles/side-by-side.ts';
import { wasiModule } from '../fuzz/oracles/wasi/wasi.ts';
import { maybeOpened, type OpenedEnvelope } from '../fuzz/targets/open-envelope.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, UsageError } from './frame.ts';
import { readModuleFile } from './module-file.ts';
import { collect } from './run.ts';
import { readArgument } from './values.ts';

interface DiffOptions {
  engines?: string;
  invoke?: string;
  dir?: string;
  env: string[];
  stdin?: string;
  fault?: string;
  json?: true;
}

export function command(): Command {
  return newVerb('diff')
    .argument('<file>', 'a module, binary or text; a WASI program if it imports WASI')
    .argument('[args...]', "the function's arguments with --invoke, or the program's (put -- before those that begin with a dash)")
    .option('--engines <names>', 'comma-separated; the first is the reference (see: assay engines)')
    .option('--invoke <function>', 'call only this export, with the arguments given; otherwise every export is called with edge values')
    .option('--dir <folder>', 'a folder the program may open; each engine gets a copy')
    .option('--env <name=value>', "an entry of the program's environment; may be given several times", collect, [])
    .option('--fault <name>', `plant a fault in our compiler: ${plantedFaults.map(({ name }) => name).join(', ')}`)
    .option('--stdin <file>', 'what the program reads from its standard input')
    .action(async (file: string, args: string[], options: DiffOptions) => {
      const { bytes, opened } = openModule(file, await readModuleFile(file));
      const faults = faultsOf(options.fault);
      const { engines, missing } = await enginesOf(options.engines, faults);
      const result = await compare(engines, file, bytes, args, { ...options, rounds: opened?.envelope.label.rounds }, faults).catch((error: unknown) => {
        throw error instanceof NotStandalone ? new UsageError(`${file}: ${error.message}, which ${engines.filter(isWholeRun).map(({ name }) => name).join(' and ')} cannot be given; leave that engine out`) : error;
      });
      report(file, result, missing, options.json === true, opened);
      if (result.verdict === 'disagree') process.exitCode = exitCode.finding;
    });
}

/** A module as campaigns run it: of an envelope, the module inside. */
export function openModule(file: string, bytes: Uint8Array): { readonly bytes: Uint8Array; readonly opened: OpenedEnvelope | undefined } {
  try {
    const opened = maybeOpened(bytes);
    return { bytes: opened?.envelope.module ?? bytes, opened };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** A planted fault by name; none without a name. */
export function faultsOf(name: string | undefined): readonly Fault[] {
  if (name === undefined) return [];
  const fault = maybeFault(name);
  if (fault === undefined) throw new UsageError(`no fault is called '${name}'; there are: ${plantedFaults.map((known) => known.name).join(', ')}`);
  return fault.faults;
}

/** Engines by name; those that do not work here are left out when nobody asked for them by name. */
export async function enginesOf(names: string | undefined, faults: readonly Fault[] = []): Promise<{ engines: Engine[]; missing: string[] }> {
  const engines: Engine[] = [];
  const missing: string[] = [];
  for (const name of names?.split(',') ?? (await campaignEngines())) {
    const engine = await openEngine(name, faults).catch((error: unknown) => {
      throw error instanceof UnknownEngine ? new UsageError(error.message) : error;
    });
    const availability = engine.availability();
    if (availability.available) engines.push(engine);
    else if (names === undefined) missing.push(`${name}: ${availability.reason}`);
    else throw new EnvironmentError(`the engine ${name} does not work here: ${availability.reason}`, 'assay engines lists those that do');
  }
  if (engines.length < 2) throw new UsageError('a comparison needs at least two engines');
  return { engines, missing };
}

async function compare(engines: readonly Engine[], file: string, bytes: Uint8Array, args: readonly string[], options: DiffOptions & { readonly rounds: number | undefined }, faults: readonly Fault[]): Promise<SideBySide> {
  // The module is read for its imports and signatures only where some engine accepts it; a refusal is compared as such.
  const isAccepted = engines.some((engine) => {
    if (isWholeRun(engine)) return false;
    const store = engine.openStore();
    try {
      return store.compile(bytes).kind === 'compiled';
    } catch {
      // A crash is for the comparison to show.
      return false;
    } finally {
      store.dispose();
    }
  });
  if (!isAccepted) return await moduleSideBySide(engines, bytes, [], faults);
  const shape = readModuleInterface(bytes);
  if (options.invoke !== undefined) {
    const found = shape.exports.find(({ name, kind }) => name === options.invoke && kind === 'function');
    const type = found === undefined ? undefined : shape.types[shape.functions[found.index] ?? -1];
    if (type === undefined) throw new UsageError(`${file}: no function '${options.invoke}' is exported`);
    if (type.params.length !== args.length) throw new UsageError(`${options.invoke} takes ${type.params.length} arguments (${type.params.join(', ')}), not ${args.length}`);
    const call: PlannedCall = { name: options.invoke, args: type.params.map((param, index) => readArgument(param, args[index] ?? '')) };
    return await moduleSideBySide(engines, bytes, [call], faults);
  }
  if (shape.imports.some(({ module }) => module === wasiModule)) {
    return await programSideBySide(engines, {
      name: basename(file), bytes, args, environment: options.env,
      ...(options.dir === undefined ? {} : { folder: options.dir }),
      ...(options.stdin === undefined ? {} : { stdin: new Uint8Array(readFileSync(options.stdin)) }),
    }, faults);
  }
  return await moduleSideBySide(engines, bytes, undefined, faults, options.rounds);
}

/** Prints a comparison. */
export function report(file: string, result: SideBySide, missing: readonly string[], isJson: boolean, opened?: OpenedEnvelope): void {
  const { ballots, verdict, odd, location, detail } = result;
  if (isJson) {
    printJson({
      module: file,
      engines: Object.fromEntries(ballots.map(({ engine, behaviour }) => [engine, describe(behaviour)])),
      verdict,
      ...(odd === undefined ? {} : { odd }),
      ...(location === undefined ? {} : { firstDifferingLevel: location.level, ...(location.rule === undefined ? {} : { rule: location.rule }), ...(location.evidence === undefined ? {} : { evidence: location.evidence }) }),
      ...(detail === undefined ? {} : { detail }),
      ...(opened === undefined ? {} : { envelope: { generator: opened.envelope.label.generator, version: opened.envelope.label.version, rounds: opened.envelope.label.rounds, isSame: opened.isSame ?? null } }),
    });
    return;
  }
  const width = Math.max(...ballots.map(({ engine }) => engine.length));
  for (const { engine, behaviour } of ballots) print(`${engine.padEnd(width)}  ${describe(behaviour)}`);
  for (const line of missing) print(`not here: ${line}`);
  if (opened !== undefined) print(opened.about);
  if (result.stoodAlone !== undefined) print(`all ran the module made to stand alone: its ${result.plan.calls.length} exports make the calls and show the state`);
  print(verdict);
  for (const { engine, comparison } of result.comparisons) if (comparison.verdict === 'incomparable') print(`  ${engine}: ${comparison.reason}`);
  if (detail !== undefined) print(`  ${detail}`);
  if (odd !== undefined) print(`  odd one out: ${odd}`);
  if (location !== undefined) {
    print(`  first differing level: ${location.level}`);
    if (location.rule !== undefined) print(`  guilty rule: ${location.rule}`);
    if (location.evidence !== undefined) print(`  ${location.evidence}`);
  }
}
