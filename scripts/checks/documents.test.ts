// The documents say nothing false about the house, and no file tells where it was written.

import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { verbs } from '../verbs.ts';
import { falseClaims, type House, roomsWithoutReadme } from './documents.ts';
import { houseFiles, maybeText } from './house.ts';

const files = houseFiles();
const texts = new Map(files.flatMap((path): [string, string][] => {
  const text = maybeText(path);
  return text === undefined ? [] : [[path, text]];
}));

const house: House = {
  files,
  verbs: new Set(verbs.map((verb) => verb.name)),
  npmScripts: new Set(Object.keys(manifest.scripts)),
  words: new Set([...texts].filter(([path]) => /\.(?:ts|mjs|json)$/.test(path)).flatMap(([, text]) => text.match(/[A-Za-z_$][\w$]*/g) ?? [])),
};

describe('a document that lies is caught', () => {
  const small: House = { files: ['fuzz/README.md', 'fuzz/laws/README.md', 'compiler/ir/print.ts'], verbs: new Set(['wast']), npmScripts: new Set(['pin']), words: new Set(['printFunction']) };
  const claims = (text: string): string[] => falseClaims('fuzz/README.md', text, small);

  test.each([
    'see `laws/`, `compiler/ir/print.ts`, `print.ts` and `ir/print.ts`',
    'calls `printFunction`, `printFunction(f)`, and `i32.add`',
    'run `./scripts/assay wast FILE` or `npm run pin`',
    'a [link](laws/README.md) and one [outside](https://example.org/a/b.md)',
    '```\nsome `nonsense.ts` in a transcript\n```',
    'options `none`/`speed`, `crashes/NAME/`, `node_modules/x/y.ts`, `../shared/STYLE.md`',
  ])('true: %s', (text) => {
    expect(claims(text)).toEqual([]);
  });

  test.each([
    ['see `lows/` or `fuzz/lows/`', "fuzz/README.md:1: there is no 'fuzz/lows/'"],
    ['first\n`printer.ts`', "fuzz/README.md:2: there is no 'printer.ts'"],
    ['`printFunktion`', "fuzz/README.md:1: no source has the name 'printFunktion'"],
    ['```\n./scripts/assay waste FILE\n```', "fuzz/README.md:2: there is no verb 'waste'"],
    ['npm run pint', "fuzz/README.md:1: package.json has no script 'pint'"],
    ['a [link](laws/nowhere.md)', "fuzz/README.md:1: the link to 'laws/nowhere.md' leads nowhere"],
  ])('false: %s', (text, fault) => {
    expect(claims(text)).toEqual([fault]);
  });

  test('a room without a page is caught, two levels down', () => {
    expect(roomsWithoutReadme(['a/README.md', 'a/b/c.ts', 'a/d/README.md', 'e/f.ts', '.ci/run', 'top.md'])).toEqual(['a/b', 'e']);
  });
});

describe('this house', () => {
  test.each(files.filter((path) => path.endsWith('.md')))('%s names what exists', (path) => {
    expect(falseClaims(path, texts.get(path) ?? '', house)).toEqual([]);
  });

  test('every room down to two levels has a README.md', () => {
    expect(roomsWithoutReadme(files)).toEqual([]);
  });

  test('no file names a package registry or a folder of one machine', () => {
    // Put together from parts, so that this file does not name them either.
    const hosts = [['registry', 'npmjs', 'org'], ['npmjs', 'com'], ['registry', 'yarnpkg', 'com'], ['pypi', 'org'], ['crates', 'io'], ['proxy', 'golang', 'org']].map((parts) => parts.join('.'));
    const machinePath = /(?:^|[^A-Za-z0-9_.])\/(?:work|farm|root|home\/\w+|tmp\/\w+)\//;
    const told = [...texts].flatMap(([path, text]) =>
      text.split('\n').flatMap((line, index) => (machinePath.test(line) || hosts.some((host) => line.includes(host)) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
    );
    expect(told).toEqual([]);
  });
});
