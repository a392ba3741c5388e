// Runs the filetests of the IR: the folders verify, run and optimise. The other folders have runners of their own, beside what they test.
// BLESS=1 rewrites expectations in place, except where a stage refuses its output, and never under CI.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFiletest } from './filetest.ts';
import { stages } from './stages.ts';

const bless = process.env['BLESS'] === '1' && process.env['CI'] === undefined;

const files = ['verify', 'run', 'optimise'].flatMap((folder) => readdirSync(join(import.meta.dirname, folder)).map((name) => join(import.meta.dirname, folder, name))).toSorted();

describe.each(files.map((file) => [relative(import.meta.dirname, file), file] as const))('%s', (_, file) => {
  let test = readFiletest(readFileSync(file, 'utf8'));
  const stage = stages[test.stage] ?? expect.fail(`no stage is called '${test.stage}'`);
  if (bless) {
    writeFileSync(file, test.withOutputs(test.cases.map((one) => stage(test, one))));
    test = readFiletest(readFileSync(file, 'utf8'));
  }
  it.each(test.cases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(stage(test, one).join('\n')).toBe(one.expected.join('\n'));
  });
});

describe('the reader of filetests', () => {
  it('cuts a file and puts it together again', () => {
    const text = 'test optimise simplify\nfuel 3\n\n; says why\nfunction a() {\nblock0:\n    return\n}\n; old\n;\n; older\n\nfunction b() {\nblock0:\n    return\n}\n';
    const test = readFiletest(text);
    expect([test.stage, test.words, test.options.get('fuel')]).toEqual(['optimise', ['simplify'], '3']);
    expect(test.cases.map(({ name, line, expected }) => [name, line, expected])).toEqual([['a', 5, ['old', '', 'older']], ['b', 13, []]]);
    expect(test.withOutputs([['old', '', 'older'], []])).toBe(text);
    expect(test.withOutputs([['new'], ['also']])).toContain('}\n; new\n\nfunction b() {\nblock0:\n    return\n}\n; also\n');
  });
  it('names the line of what it cannot read', () => {
    expect(() => readFiletest('tset optimise\n')).toThrow('line 1');
    expect(() => readFiletest('test run\n\nfunctoin a() {\n}\n')).toThrow('line 3: expected the beginning of a case');
    expect(() => readFiletest('test run\n\nfunction a() {\n')).toThrow('line 3: the case never closes');
    expect(() => readFiletest('test run\n\n; nothing\n')).toThrow('no cases');
  });
});
