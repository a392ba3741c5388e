// Columns keep what they hold, whichever way short and long ones are copied.

import { expect, test } from 'vitest';
import { Int32Column } from './growable.ts';

const counting = (length: number): Int32Column => {
  const column = new Int32Column();
  for (let i = 0; i < length; i++) expect(column.push(3 * i + 1)).toBe(i);
  return column;
};
const expected = (length: number): number[] => Array.from({ length }, (_, i) => 3 * i + 1);

test.for([0, 1, 15, 16, 17, 63, 64, 65, 128, 129, 1000])('%i cells survive growth and go over to another column', (length) => {
  const column = counting(length);
  expect([...column.inPlace()]).toEqual(expected(length));
  for (const other of [new Int32Column(), counting(40), counting(2000)]) {
    other.assign(column);
    expect([...other.inPlace()]).toEqual(expected(length));
    other.push(-1);
    if (length > 0) other.set(0, -2);
    expect([...column.inPlace()], 'the one copied from is left alone').toEqual(expected(length));
  }
});

test('extending keeps what is there and fills the rest', () => {
  for (const length of [10, 64, 65, 200]) {
    const column = counting(length);
    expect(column.extend(300, 7)).toBe(length);
    expect([...column.toArray()]).toEqual([...expected(length), ...new Array<number>(300).fill(7)]);
  }
});
