// Habits of the sources that neither the type checker nor the linter knows.

import { describe, expect, test } from 'vitest';
import { houseFiles, maybeText } from './house.ts';

const sources = houseFiles().filter((path) => /\.(?:ts|mjs)$/.test(path)).map((path): [string, string] => [path, maybeText(path) ?? '']);

/** Places in all sources where `form` occurs, as path:line. */
function places(form: RegExp): string[] {
  return sources.flatMap(([path, text]) => text.split('\n').flatMap((line, index) => (form.test(line) ? [`${path}:${index + 1}`] : [])));
}

describe('sources', () => {
  test('every file opens with what a reader must know', () => {
    const bare = sources.filter(([, text]) => !/^(?:#!.*\n)?(?:\/\/ @ts-check\n)?\/\/ \S/.test(text)).map(([path]) => path);
    expect(bare).toEqual([]);
  });

  test('no cast goes through unknown', () => {
    expect(places(/\bas unknown[ ]as\b/)).toEqual([]);
  });

  test('no test is skipped without saying why', () => {
    expect(places(/\b(?:describe|suite|test|it)\.(?:skip|skipIf|runIf|todo)\b/)).toEqual([]);
  });

  test('no rule is silenced where it strikes', () => {
    expect(places(/(?:eslint|oxlint|biome)-[d]isable|biome-[i]gnore|@ts-[i]gnore|@ts-[n]ocheck/)).toEqual([]);
  });
});
