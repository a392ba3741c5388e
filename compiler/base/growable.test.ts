// Columns keep what they hold, whichever way short and long ones are copied.

import { expect, test } from 'vitest';
import { BigInt64Column, Int32Column } from './growable.ts';

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

const wide = (i: number): bigint => BigInt.asIntN(64, 0x9e3779b97f4a7c15n * BigInt(i + 1));
const counting64 = (length: number): BigInt64Column => {
  const column = new BigInt64Column();
  for (let i = 0; i < length; i++) expect(column.push(wide(i))).toBe(i);
  return column;
};

test.for([0, 1, 8, 9, 33, 64, 2000])('%i wide cells survive growth and go over to another column, whole and in halves', (length) => {
  const column = counting64(length);
  for (const other of [new BigInt64Column(), counting64(40)]) {
    other.assign(column);
    other.push(-1n);
    column.push(5n);
    for (let i = 0; i < length; i++) {
      for (const one of [column, other]) {
        expect(one.at(i)).toBe(wide(i));
        expect(BigInt.asIntN(64, (BigInt(one.highAt(i)) << 32n) | BigInt(one.lowAt(i) >>> 0))).toBe(wide(i));
      }
    }
    expect(other.at(length)).toBe(-1n);
    expect(column.length).toBe(length + 1);
    column.length = length;
  }
});
