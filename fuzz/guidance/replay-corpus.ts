// Runs a whole corpus in a process of its own and reads what each input covers; an input that kills the process becomes a finding, and the rest goes on.

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReplayLog, type ReplayLine } from './replay.ts';
import { type GuidedFigures, type GuidedPlan, type GuidedResult, runGuided } from './supervise.ts';

export interface ReplayedCorpus {
  readonly log: readonly ReplayLine[];
  /** Inputs that were begun and never ended: they kill their process, or hang. */
  readonly deadly: readonly string[];
  readonly result: GuidedResult;
}

/** The inputs in folders, by path; of several of one name the first. */
export function inputsIn(folders: readonly string[]): readonly string[] {
  const paths = new Map<string, string>();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (!name.endsWith('.part') && !paths.has(name) && statSync(path).isFile()) paths.set(name, path);
    }
  }
  return [...paths.values()];
}

/** `plan` is of one worker; its `replay` is made here. */
export async function replayCorpus(plan: GuidedPlan, inputs: readonly string[], command: readonly [string, ...string[]], onProgress: (figures: GuidedFigures) => void): Promise<ReplayedCorpus> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-replay-'));
  try {
    const log = join(folder, 'log.jsonl');
    const result = await runGuided({ ...plan, mode: 'replay', workers: 1, replay: { inputs, log } }, command, onProgress);
    const lines = readReplayLog(log);
    const ended = new Set(lines.flatMap((line) => ('input' in line ? [line.input] : [])));
    return { log: lines, deadly: lines.flatMap((line) => ('begins' in line && !ended.has(line.begins) ? [line.begins] : [])), result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
