// Runs specification scripts on an engine and says which of their commands held.

import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { knownFailuresOf } from '../fuzz/wast/known-failures.ts';
import { loadScript } from '../fuzz/wast/load.ts';
import { emptyResult, runScript } from '../fuzz/wast/run.ts';
import type { ScriptResult } from '../fuzz/wast/run.ts';
import { ScriptError } from '../fuzz/wast/scanner.ts';
import { exitCode, newVerb, print, printJson, UsageError } from './frame.ts';
import { requireEngine } from './run.ts';
import { newStatus } from './status.ts';

export function command(): Command {
  return newVerb('wast')
    .argument('<files...>', 'scripts in the format of the official test suite')
    .option('--engine <name>', 'the engine that runs them (see: assay engines)', 'interp')
    .option('--failures <count>', 'how many failures to print', '20')
    .action(async (files: string[], options: { engine: string; failures: string; json?: true }) => {
      const result = await runFiles(files, options.engine);
      if (options.json) printJson(result);
      else print(summary(result, Number(options.failures)));
      if (result.failed > 0) process.exitCode = exitCode.finding;
    });
}

async function runFiles(files: readonly string[], engineName: string): Promise<ScriptResult> {
  const engine = await requireEngine(engineName);
  const result = emptyResult(engine.name);
  const status = newStatus();
  for (const file of files) {
    const isFile = await stat(file).then((stats) => stats.isFile(), () => false);
    if (!isFile) throw new UsageError(`${file}: no such file`);
    status.show(`${result.files}/${files.length} ${relative('.', file)}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
    try {
      runScript(engine, await loadScript(file), result, knownFailuresOf(file, engine.name));
    } catch (error) {
      if (error instanceof ScriptError) throw new UsageError(`${file}: ${error.message}`);
      throw error;
    }
  }
  status.clear();
  return result;
}

function summary(result: ScriptResult, failures: number): string {
  const lines: string[] = [];
  for (const failure of result.failures.slice(0, failures)) {
    lines.push(`${failure.file}:${failure.line}: ${failure.kind}: expected ${failure.expected}`, `    got ${failure.actual}`);
  }
  if (result.failures.length > failures) lines.push(`… and ${result.failures.length - failures} more failures`);
  const reasons = new Map<string, number>();
  for (const { reason } of result.skips) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) lines.push(`skipped ${count}: ${reason}`);
  lines.push(`${'command'.padEnd(24)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(8)}`);
  for (const [kind, count] of Object.entries(result.byKind)) {
    lines.push(`${kind.padEnd(24)}${String(count.passed).padStart(8)}${String(count.failed).padStart(8)}${String(count.skipped).padStart(8)}`);
  }
  lines.push(`${result.engine}: ${result.files} files, ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  return lines.join('\n');
}
