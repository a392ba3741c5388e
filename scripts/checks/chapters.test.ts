// The reference interpreter can be read with the standard in one hand: every file of it says in its header which chapter it transcribes.

import { describe, expect, test } from 'vitest';
import { houseFiles, maybeText } from './house.ts';

/** Chapters of the standard and their sections, as its table of contents names them. */
const contents: Readonly<Record<string, readonly string[]>> = {
  Structure: ['Conventions', 'Values', 'Types', 'Instructions', 'Modules'],
  Validation: ['Conventions', 'Types', 'Matching', 'Instructions', 'Modules'],
  Execution: ['Conventions', 'Runtime Structure', 'Numerics', 'Types', 'Values', 'Instructions', 'Modules'],
  'Binary Format': ['Conventions', 'Values', 'Types', 'Instructions', 'Modules'],
  'Text Format': ['Conventions', 'Lexical Format', 'Values', 'Types', 'Instructions', 'Modules'],
  Appendix: ['Embedding', 'Profiles', 'Implementation Limitations', 'Type Soundness', 'Type System Properties', 'Validation Algorithm', 'Custom Sections and Annotations'],
};

/** What is wrong with the line of a header that names chapters; empty when nothing is. */
function faultsOf(text: string): string[] {
  const header = /^(?:\/\/.*\n)+/.exec(text)?.[0] ?? '';
  const line = /^\/\/ Chapter: (.*)$/m.exec(header)?.[1];
  if (line === undefined) return ['no line begins with "Chapter:"'];
  if (line.startsWith('none')) return /^none[.;:] ./.test(line) ? [] : ['"none" without what the file is instead'];
  const places = [...line.matchAll(/"([^"]+)", sections? ((?:"[^"]+"(?:, | and )?)+)/g)];
  if (places.length === 0) return ['neither "none" nor a chapter with its section'];
  return places.flatMap(([, chapter = '', sections = '']) => {
    const known = contents[chapter];
    if (known === undefined) return [`the standard has no chapter "${chapter}"`];
    const [section = ''] = [...sections.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    return known.includes(section) ? [] : [`its chapter "${chapter}" has no section "${section}"`];
  });
}

const files = houseFiles().filter((path) => /^interpreter\/[^/]+\.ts$/.test(path) && !path.endsWith('.test.ts'));

describe('the interpreter', () => {
  test('every file names its chapter and section of the standard, or says that it is none of it', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((path) => faultsOf(maybeText(path) ?? '').map((fault) => `${path}: ${fault}`))).toEqual([]);
  });

  test('the map of its README has every file once', () => {
    const map = (maybeText('interpreter/README.md') ?? '').split('\n').filter((line) => line.startsWith('| ')).join('\n');
    const named = [...map.matchAll(/`([a-z-]+\.ts)`/g)].map(([, name = '']) => name);
    // The door stands above the map.
    const expected = files.map((path) => path.slice('interpreter/'.length)).filter((name) => name !== 'index.ts');
    expect(named.toSorted()).toEqual(expected.toSorted());
  });

  test.each([
    ['// Adds.\n', 'no line begins with "Chapter:"'],
    ['// Adds.\n// Chapter: none\n', '"none" without what the file is instead'],
    ['// Adds.\n// Chapter: the one on numbers.\n', 'neither "none" nor a chapter with its section'],
    ['// Adds.\n// Chapter: "Arithmetic", section "Numerics".\n', 'the standard has no chapter "Arithmetic"'],
    ['// Adds.\n// Chapter: "Execution", section "Matching".\n', 'its chapter "Execution" has no section "Matching"'],
  ])('a header is refused: %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});
