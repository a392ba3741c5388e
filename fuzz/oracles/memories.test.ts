// Memories that nobody has touched compare as what they are: zeros.

import { expect, test } from 'vitest';
import { maybeTouchedPages } from '../../compiler/inside.ts';
import { sameMemory } from './memories.ts';

const page = 4096;
const fresh = (): Uint8Array => new Uint8Array(new WebAssembly.Memory({ initial: 2 }).buffer);

test('a fresh WebAssembly memory is not touched by asking, and a page is once it is written or read', ({ skip }) => {
  const memory = fresh();
  const touched = maybeTouchedPages(memory);
  if (touched === undefined) skip('this system does not say which pages were touched');
  expect([...(touched ?? [])]).toEqual(new Array(32).fill(0));
  memory[5 * page + 17] = 1;
  expect(memory[9 * page]).toBe(0);
  const now = maybeTouchedPages(memory) ?? [];
  expect([...now].flatMap((one, index) => (one === 0 ? [] : [index]))).toEqual([5, 9]);
});

test('every difference is seen, on either side, in touched pages and in others', () => {
  for (const at of [0, page - 1, page, 5 * page + 3, 31 * page, 32 * page - 1]) {
    for (const value of [1, 0x80]) {
      const sparse = fresh();
      const dense = new Uint8Array(sparse.length);
      expect(sameMemory(dense, sparse)).toBe(true);
      dense[at] = value;
      expect(sameMemory(dense, sparse), `byte ${at} of the dense one`).toBe(false);
      sparse[at] = value;
      expect(sameMemory(dense, sparse)).toBe(true);
      dense[at] = 0;
      expect(sameMemory(dense, sparse), `byte ${at} of the sparse one`).toBe(false);
    }
  }
});

test('the same where it is not known what was touched', () => {
  // No page begins where these do.
  const sparse = fresh().subarray(1);
  const dense = new Uint8Array(sparse.length);
  expect(maybeTouchedPages(sparse)).toBeUndefined();
  expect(sameMemory(dense, sparse)).toBe(true);
  sparse[70_000] = 1;
  expect(sameMemory(dense, sparse)).toBe(false);
});
