// The life of findings, as a text file that is reviewed like a source: one line each, so that a check fails only on what is new or has come back.
//
//   known      result.x86-64.select.sshr    reported upstream, waiting
//   fixed      behaviour.compiler.simplify.udiv-power-of-two
//
// state · signature · note. A finding without a line is new.
//
//   new ──(a person writes `known`)──▶ known ──(no longer shows)──▶ fixed ──(shows again)──▶ regressed ──(no longer shows)──▶ fixed
//
// Triage writes the transitions that running shows; only people write `known`. Comments and the order of lines stay as they are.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export const states = ['new', 'known', 'fixed', 'regressed'] as const;
export type State = (typeof states)[number];

export interface LifeCycle {
  readonly lines: readonly string[];
  readonly states: ReadonlyMap<string, State>;
}

/** A line that says nothing intelligible, with its number. */
export class LifeCycleError extends Error {
  override readonly name = 'LifeCycleError';
}

const isState = (word: string | undefined): word is State => states.some((state) => state === word);

/** Reads the text of a life-cycle file. */
export function parseLifeCycle(text: string): LifeCycle {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const found = new Map<string, State>();
  lines.forEach((line, index) => {
    const [state, signature] = line.trim().split(/\s+/);
    if (state === undefined || state === '' || state.startsWith('#')) return;
    if (!isState(state) || signature === undefined) throw new LifeCycleError(`line ${index + 1}: '${line}' is not: ${states.join(' | ')}, signature, note`);
    if (found.has(signature)) throw new LifeCycleError(`line ${index + 1}: ${signature} has a line already`);
    found.set(signature, state);
  });
  return { lines, states: found };
}

/** The state of a finding that was replayed: what it was, and whether it shows now. `isShown` undefined: it could not be replayed here, and nothing changes. */
export function nextState(before: State | undefined, isShown: boolean | undefined): State {
  const state = before ?? 'new';
  if (isShown === undefined) return state;
  if (!isShown) return state === 'new' && before === undefined ? 'new' : 'fixed';
  return state === 'fixed' ? 'regressed' : state;
}

/** The file's lines with these states: lines that change are rewritten with their notes, findings without a line get one at the end. */
export function withStates(before: LifeCycle, after: ReadonlyMap<string, State>): string {
  const seen = new Set<string>();
  const lines = before.lines.map((line) => {
    const match = /^(\s*)(\S+)(\s+)(\S+)(.*)$/.exec(line);
    const signature = match?.[4];
    const state = signature === undefined || match?.[2]?.startsWith('#') === true ? undefined : after.get(signature);
    if (match === null || signature === undefined || state === undefined) return line;
    seen.add(signature);
    return `${match[1] ?? ''}${state.padEnd((match[2] ?? '').length + (match[3] ?? '').length - 1)} ${signature}${match[5] ?? ''}`;
  });
  for (const [signature, state] of after) if (!seen.has(signature)) lines.push(`${state.padEnd(10)} ${signature}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Reads the file; an absent one says nothing of anything. */
export function readLifeCycle(path: string): LifeCycle {
  return parseLifeCycle(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

/** Writes the file whole, and only if that changes it. */
export function writeLifeCycle(path: string, before: LifeCycle, after: ReadonlyMap<string, State>): void {
  const text = withStates(before, after);
  if (text === (existsSync(path) ? readFileSync(path, 'utf8') : '')) return;
  writeFileSync(`${path}.${process.pid}.tmp`, text);
  renameSync(`${path}.${process.pid}.tmp`, path);
}
