// The list of commands that are expected to fail (known-failures.txt): read, and looked up by script and engine.

import { readFileSync } from 'node:fs';

export interface KnownFailure {
  /** Path of the script below the suite's folder. */
  readonly file: string;
  readonly line: number;
  readonly engine: string;
  readonly reason: string;
}

/** Reads the list's text. Throws on a line that is neither entry nor comment. */
export function parseKnownFailures(text: string): KnownFailure[] {
  const entries: KnownFailure[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^(\S+):(\d+)\s+(\S+)\s+(.+)$/.exec(line);
    const [, file, number, engine, reason] = match ?? [];
    if (file === undefined || number === undefined || engine === undefined || reason === undefined) throw new SyntaxError(`known-failures.txt: cannot read '${line}'`);
    entries.push({ file, line: Number(number), engine, reason });
  }
  return entries;
}

let list: readonly KnownFailure[] | undefined;

/** What is expected to fail in a script (any path that ends in the listed one) on an engine. */
export function knownFailuresOf(file: string, engine: string): readonly KnownFailure[] {
  list ??= parseKnownFailures(readFileSync(new URL('known-failures.txt', import.meta.url), 'utf8'));
  return list.filter((entry) => `/${file}`.endsWith(`/${entry.file}`) && (entry.engine === '*' || entry.engine === engine || (entry.engine.endsWith('*') && engine.startsWith(entry.engine.slice(0, -1)))));
}
