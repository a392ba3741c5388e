// Function names: read where they are, given up in silence where the section is broken.

import { expect, test } from 'vitest';
import { decodeModule } from './decode.ts';
import { type Bytes, moduleOf, name, section, unsigned, vector } from './module-bytes.ts';
import { functionNamesOf } from './names.ts';

function namesIn(...subsections: readonly Bytes[]): [number, string][] {
  return [...functionNamesOf(decodeModule(moduleOf(section(0, [...name('name'), ...subsections.flat()]))))];
}
const subsection = (id: number, contents: Bytes): number[] => [id, ...unsigned(contents.length), ...contents];
const two = subsection(1, vector([[0, ...name('first')], [7, ...name('seventh')]]));

test('function names are found among the other subsections', () => {
  expect(namesIn(subsection(0, name('module')), two, subsection(2, [0]))).toEqual([[0, 'first'], [7, 'seventh']]);
});

test('what is broken ends the reading and nothing else', () => {
  expect(namesIn(two, [1, 99])).toEqual([[0, 'first'], [7, 'seventh']]);
  expect(namesIn(subsection(1, [2, 0, ...name('first'), 1, 9]))).toEqual([[0, 'first']]);
  expect(namesIn([1, 5, 1, 0, 1, 0xff, 0])).toEqual([]);
  expect([...functionNamesOf(decodeModule(moduleOf()))]).toEqual([]);
});
