// Runs the inputs of a corpus once each and writes down what each covers, one line of JSON an input: what merging and coverage reports are made of.
//
// A line says that an input begins before it runs, and another what it covered. So an input that kills the process is known: the next process does not run it again.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Session } from './session.ts';

export type ReplayLine =
  | { readonly begins: string }
  | { readonly input: string; readonly bytes: number; readonly edges: Readonly<Record<string, readonly number[]>>; readonly events: readonly string[] };

/** Lines of a log; what a killed process left half written is not there. */
export function readReplayLog(path: string): readonly ReplayLine[] {
  if (!existsSync(path)) return [];
  const lines: ReplayLine[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const value = maybeLine(line);
    if (value !== undefined) lines.push(value);
  }
  return lines;
}

function maybeLine(line: string): ReplayLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && ('begins' in value || 'input' in value) ? (value as ReplayLine) : undefined;
  } catch {
    return undefined;
  }
}

export function replay(session: Session): void {
  const { order, counters, open, slot } = session;
  if (order.replay === undefined) throw new Error('an order to replay says what');
  const { inputs, log } = order.replay;
  const begun = new Set(readReplayLog(log).map((line) => ('begins' in line ? line.begins : line.input)));
  session.prove();
  inputs.forEach((path, number) => {
    const name = basename(path);
    if (begun.has(name)) return;
    const bytes = new Uint8Array(readFileSync(path));
    appendFileSync(log, `${JSON.stringify({ begins: name } satisfies ReplayLine)}\n`);
    slot.begin(0, number, bytes);
    counters.clear();
    session.run(open.fromBytes(bytes), undefined);
    appendFileSync(log, `${JSON.stringify({ input: name, bytes: bytes.length, ...counters.lastHit() } satisfies ReplayLine)}\n`);
  });
}
