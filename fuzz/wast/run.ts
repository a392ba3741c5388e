// Runs a specification script on an engine and counts what held.
//
// One store per script, since registered instances are shared within it. Every command ends as passed, failed or skipped, never as nothing:
// - A module the engine refuses as unsupported is skipped with the feature's name, and so is all that needs its instance.
// - A module that fails makes the commands that need its instance fail too.
// - assert_malformed and assert_invalid hold when the module is refused in either way; engines draw that line differently. A text that the
//   text parser itself refuses is such a refusal, and is counted apart (`decidedByParser`).
// - assert_…_custom concerns custom sections, which an engine may ignore: accepting the module is a skip.
// - An exception out of the engine is a crash, and a failure.

import type { CompileResult, Engine, EngineInstance, EngineModule, EngineStore, Extern, InstantiateResult, Outcome } from '../oracles/engine.ts';
import type { KnownFailure } from './known-failures.ts';
import type { LoadedScript } from './load.ts';
import { matchesPattern, matchesTrap, showOutcome, showPattern, showValue } from './match.ts';
import type { Action, Command, ModuleSource } from './script.ts';
import { spectest } from './spectest.ts';

export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Failure {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Skip {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export interface ScriptResult extends Count {
  readonly engine: string;
  files: number;
  readonly byKind: Record<string, Count>;
  readonly failures: Failure[];
  readonly skips: Skip[];
  /** Of the passed ones: refusals that the text parser decided, before any engine. */
  decidedByParser: number;
}

export function emptyResult(engine: string): ScriptResult {
  return { engine, files: 0, passed: 0, failed: 0, skipped: 0, byKind: {}, failures: [], skips: [], decidedByParser: 0 };
}

type Verdict =
  | { readonly is: 'passed'; readonly byParser?: boolean }
  | { readonly is: 'failed'; readonly expected: string; readonly actual: string }
  | { readonly is: 'skipped'; readonly reason: string };

const passed: Verdict = { is: 'passed' };
const skipped = (reason: string): Verdict => ({ is: 'skipped', reason });
const failed = (expected: string, actual: string): Verdict => ({ is: 'failed', expected, actual });

/** An instance, or why there is none. */
type Slot =
  | { readonly is: 'instance'; readonly instance: EngineInstance }
  | { readonly is: 'skipped'; readonly reason: string }
  | { readonly is: 'failed'; readonly line: number };

type Definition = { readonly is: 'module'; readonly module: EngineModule } | Exclude<Slot, { is: 'instance' }>;

class ScriptRun {
  private readonly store: EngineStore;
  private readonly script: LoadedScript;
  private readonly host: (name: string) => Extern | undefined;
  private readonly instances = new Map<string, Slot>();
  private readonly definitions = new Map<string, Definition>();
  private readonly registered = new Map<string, Slot>();
  private current: Slot | undefined = undefined;
  private latestDefinition: Definition | undefined = undefined;

  constructor(store: EngineStore, script: LoadedScript) {
    this.store = store;
    this.script = script;
    this.host = spectest(store);
  }

  execute(command: Command): Verdict {
    switch (command.kind) {
      case 'module': {
        const { definition, verdict } = this.define(command.source, command.line);
        const slot = definition.is === 'module' ? this.instantiateSlot(definition.module, command.line) : { slot: definition, verdict };
        this.setCurrent(command.id, slot.slot);
        return slot.verdict;
      }
      case 'module_definition': {
        const { definition, verdict } = this.define(command.source, command.line);
        this.latestDefinition = definition;
        if (command.id !== undefined) this.definitions.set(command.id, definition);
        return verdict;
      }
      case 'module_instance': {
        const definition = command.definition === undefined ? this.latestDefinition : this.definitions.get(command.definition);
        if (definition === undefined) return failed('a module definition', `none called ${command.definition ?? '(latest)'}`);
        if (definition.is !== 'module') {
          this.setCurrent(command.id, definition);
          return absence(definition);
        }
        const { slot, verdict } = this.instantiateSlot(definition.module, command.line);
        this.setCurrent(command.id, slot);
        return verdict;
      }
      case 'register': {
        const slot = this.find(command.id);
        this.registered.set(command.name, slot ?? { is: 'failed', line: command.line });
        if (slot === undefined) return failed('an instance', `none called ${command.id ?? '(current)'}`);
        return slot.is === 'instance' ? passed : absence(slot);
      }
      case 'action':
        return this.onAction(command.action, 'values', (outcome) => outcome.kind === 'values');
      case 'assert_return':
        return this.onAction(command.action, `[${command.expected.map(showPattern).join(', ')}]`, (outcome) => {
          if (outcome.kind !== 'values' || outcome.values.length !== command.expected.length) return false;
          const { values } = outcome;
          return command.expected.every((pattern, index) => {
            const value = values[index];
            return value !== undefined && matchesPattern(value, pattern);
          });
        });
      case 'assert_trap':
        return this.onAction(command.action, `trap: ${command.message}`, (outcome) => outcome.kind === 'trap' && matchesTrap(outcome.trap, command.message));
      case 'assert_exhaustion':
        return this.onAction(command.action, `exhaustion: ${command.message}`, (outcome) => outcome.kind === 'exhaustion');
      case 'assert_exception':
        return this.onAction(command.action, 'exception', (outcome) => outcome.kind === 'exception');
      case 'assert_uninstantiable':
      case 'assert_unlinkable':
        return this.onStart(command.kind, command.source, command.message, command.line);
      case 'assert_invalid':
      case 'assert_malformed':
      case 'assert_invalid_custom':
      case 'assert_malformed_custom':
        return this.onRefusal(command.kind, command.source, command.message);
      case 'thread':
      case 'wait':
        return skipped('threads in scripts');
    }
  }

  private setCurrent(id: string | undefined, slot: Slot): void {
    this.current = slot;
    if (id !== undefined) this.instances.set(id, slot);
  }

  private find(id: string | undefined): Slot | undefined {
    return id === undefined ? this.current : this.instances.get(id);
  }

  private compile(source: ModuleSource): CompileResult | { readonly kind: 'text'; readonly message: string } {
    const text = this.script.modules.get(source);
    if (text === undefined) throw new Error('a module source that was not loaded');
    return text.kind === 'malformed' ? { kind: 'text', message: text.message } : this.store.compile(text.bytes);
  }

  private define(source: ModuleSource, line: number): { definition: Definition; verdict: Verdict } {
    const compiled = this.compile(source);
    if (compiled.kind === 'compiled') return { definition: { is: 'module', module: compiled.module }, verdict: passed };
    if (compiled.kind === 'unsupported') return { definition: { is: 'skipped', reason: compiled.feature }, verdict: skipped(compiled.feature) };
    return { definition: { is: 'failed', line }, verdict: failed('a valid module', `${compiled.kind}: ${compiled.message}`) };
  }

  /** Why a module cannot be linked in this run: it imports from an instance that is not there. */
  private missing(module: EngineModule): Exclude<Slot, { is: 'instance' }> | undefined {
    for (const { module: from } of module.imports) {
      const slot = this.registered.get(from);
      if (slot !== undefined && slot.is !== 'instance') return slot;
    }
    return undefined;
  }

  private instantiate(module: EngineModule): InstantiateResult {
    return this.store.instantiate(module, (from, name) => {
      const slot = this.registered.get(from);
      if (slot !== undefined) return slot.is === 'instance' ? slot.instance.maybeExport(name) : undefined;
      return from === 'spectest' ? this.host(name) : undefined;
    });
  }

  private instantiateSlot(module: EngineModule, line: number): { slot: Slot; verdict: Verdict } {
    const absent = this.missing(module);
    if (absent !== undefined) return { slot: absent, verdict: absence(absent) };
    const result = this.instantiate(module);
    if (result.kind === 'instance') return { slot: { is: 'instance', instance: result.instance }, verdict: passed };
    return { slot: { is: 'failed', line }, verdict: failed('an instance', showStart(result)) };
  }

  private onAction(action: Action, expected: string, holds: (outcome: Outcome) => boolean): Verdict {
    const slot = this.find(action.module);
    if (slot === undefined) return failed('an instance', `none called ${action.module ?? '(current)'}`);
    if (slot.is !== 'instance') return absence(slot);
    const { instance } = slot;
    const outcome: Outcome = action.kind === 'invoke' ? instance.invoke(action.name, action.args) : { kind: 'values', values: [instance.readGlobal(action.name)] };
    if (holds(outcome)) return passed;
    const call = action.kind === 'invoke' ? `${action.name}(${action.args.map(showValue).join(', ')})` : action.name;
    return failed(expected, `${showOutcome(outcome)} from ${call}`);
  }

  private onStart(kind: 'assert_uninstantiable' | 'assert_unlinkable', source: ModuleSource, message: string, line: number): Verdict {
    const { definition, verdict } = this.define(source, line);
    if (definition.is !== 'module') return verdict;
    const absent = this.missing(definition.module);
    if (absent !== undefined) return absence(absent);
    const result = this.instantiate(definition.module);
    if (kind === 'assert_unlinkable') return result.kind === 'link' ? passed : failed(`link error: ${message}`, showStart(result));
    if (result.kind === 'stopped') {
      const { outcome } = result;
      if (outcome.kind === 'exhaustion' || (outcome.kind === 'trap' && matchesTrap(outcome.trap, message))) return passed;
    }
    return failed(`trap at instantiation: ${message}`, showStart(result));
  }

  private onRefusal(kind: 'assert_invalid' | 'assert_malformed' | 'assert_invalid_custom' | 'assert_malformed_custom', source: ModuleSource, message: string): Verdict {
    const compiled = this.compile(source);
    switch (compiled.kind) {
      case 'text':
        return { is: 'passed', byParser: true };
      case 'malformed':
      case 'invalid':
        return passed;
      case 'unsupported':
        return skipped(compiled.feature);
      case 'compiled':
        if (kind === 'assert_invalid_custom' || kind === 'assert_malformed_custom') return skipped('contents of custom sections');
        return failed(`${kind === 'assert_invalid' ? 'invalid' : 'malformed'}: ${message}`, 'a valid module');
    }
  }
}

function absence(slot: Exclude<Slot, { is: 'instance' }>): Verdict {
  return slot.is === 'skipped' ? skipped(slot.reason) : failed('an instance', `the module at line ${slot.line} failed`);
}

function showStart(result: InstantiateResult): string {
  switch (result.kind) {
    case 'instance':
      return 'an instance';
    case 'link':
      return `link error: ${result.message}`;
    case 'stopped':
      return `stopped by ${showOutcome(result.outcome)}`;
  }
}

function kindOf(command: Command): string {
  return command.kind === 'action' ? command.action.kind : command.kind;
}

/** Runs one script on an engine and adds what held to `result`. `known` lists this script's commands that are expected to fail. */
export function runScript(engine: Engine, script: LoadedScript, result: ScriptResult, known: readonly KnownFailure[] = []): void {
  const store = engine.openStore();
  const run = new ScriptRun(store, script);
  result.files++;
  try {
    for (const command of script.commands) {
      const kind = kindOf(command);
      let verdict: Verdict;
      try {
        verdict = run.execute(command);
      } catch (error) {
        verdict = failed('an outcome', `crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      const exception = known.find((entry) => entry.line === command.line);
      if (exception !== undefined) {
        if (verdict.is === 'failed') verdict = skipped(`known failure: ${exception.reason}`);
        else if (verdict.is === 'passed') verdict = failed('a failure, as known-failures.txt says', 'it passes: take it off the list');
      }
      record(result, script.file, command.line, kind, verdict);
    }
  } finally {
    store.dispose();
  }
}

function record(result: ScriptResult, file: string, line: number, kind: string, verdict: Verdict): void {
  const count = (result.byKind[kind] ??= { passed: 0, failed: 0, skipped: 0 });
  count[verdict.is]++;
  result[verdict.is]++;
  if (verdict.is === 'failed') result.failures.push({ file, line, kind, expected: verdict.expected, actual: verdict.actual });
  else if (verdict.is === 'skipped') result.skips.push({ file, line, reason: verdict.reason });
  else if (verdict.byParser === true) result.decidedByParser++;
}
