// Code where the system lets it be written past its protection, and where it does not.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { CodeMemory, type Overwriting } from './code-memory.ts';
import { libc, whyNoNativeCode } from './libc.ts';

const reason = whyNoNativeCode();

/** `rwxp` as /proc/self/maps has it for the mapping that holds `address`. */
function protectionAt(address: number): string | undefined {
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [range, rights] = line.split(' ');
    const [from, to] = (range ?? '').split('-').map((text) => parseInt(text, 16));
    if (from !== undefined && to !== undefined && address >= from && address < to) return rights;
  }
  return undefined;
}

const idleCode = 0x06;
const refused: Overwriting = { force: () => false, idleCode };

describe.for([
  { way: 'written past its protection', overwriting: (): Overwriting => ({ force: libc().force, idleCode }), freed: 'r-xp' },
  { way: 'where that is refused', overwriting: () => refused, freed: 'rw-p' },
  { way: 'where nobody can', overwriting: () => undefined, freed: 'rw-p' },
])('code memory, $way', ({ overwriting, freed }) => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  it('is executable and never writable while it is in use, and holds no code once freed', () => {
    const memory = new CodeMemory(libc(), overwriting());
    try {
      for (const length of [1, 4096, 5000, 5000, 256 * 1024, 256 * 1024 + 1]) {
        const code = Uint8Array.from({ length }, (_, i) => (i * 7) ^ length);
        const blocks = [memory.maybeLoad(code), memory.maybeLoad(code)];
        for (const block of blocks) {
          if (block === undefined) throw new Error('no room');
          expect(block.byteLength).toBe(Math.ceil(length / 4096) * 4096);
          expect([...new Uint8Array(libc().view(block.address, length))]).toEqual([...code]);
          expect(protectionAt(block.address)).toBe('r-xp');
          expect(protectionAt(block.address + block.byteLength - 1)).toBe('r-xp');
        }
        for (const block of blocks) {
          if (block === undefined) continue;
          memory.release(block);
          expect(protectionAt(block.address)).toBe(length > 256 * 1024 ? '---p' : freed);
          if (freed === 'r-xp' && length <= 256 * 1024) expect(new Set(new Uint8Array(libc().view(block.address, block.byteLength)))).toEqual(new Set([idleCode]));
        }
      }
    } finally {
      memory.dispose();
    }
  });
});
