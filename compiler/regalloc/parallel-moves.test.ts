// Law: the sequence does what the set of moves does at once, touches nothing else but scratch registers, and never moves slot to slot.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParallelMoves } from './parallel-moves.ts';
import { firstSlotLocation } from './problem.ts';
import { choicesOfBytes } from './testing/choices.ts';

const scratch = [30, 62] as const;
const extraSlot = firstSlotLocation + 500;
const widths = [4, 8, 16] as const;

interface Move {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Distinct destinations; a slot may be any class's, registers keep theirs; few locations, so that cycles are common. */
function randomMoves(choose: (n: number) => number): Move[] {
  const size = 1 + choose(8);
  const locationOf = (float: boolean): number => (choose(2) === 0 ? firstSlotLocation + choose(size) : (float ? 32 : 0) + choose(size));
  const moves: Move[] = [];
  const taken = new Set<number>();
  for (let i = choose(24); i > 0; i--) {
    const float = choose(2) === 0;
    const to = locationOf(float);
    if (taken.has(to)) continue;
    taken.add(to);
    moves.push({ from: locationOf(float), to, bytes: widths[choose(float ? 3 : 2)] ?? 8 });
  }
  return moves;
}

function resolve(moves: readonly Move[], group: ParallelMoves): { sequence: Move[]; extra: number } {
  let extra = 0;
  group.clear();
  for (const m of moves) group.add(m.from, m.to, m.bytes);
  group.resolve(scratch, () => {
    extra++;
    return extraSlot;
  });
  const sequence = Array.from({ length: group.length }, (_, i) => ({ from: group.fromOf(i), to: group.toOf(i), bytes: group.bytesOf(i) }));
  return { sequence, extra };
}

const bytesAt = (state: Map<number, string[]>, location: number): string[] => state.get(location) ?? Array.from({ length: 16 }, (_, i) => `${location}:${i}`);

function checkSequence(moves: readonly Move[], sequence: readonly Move[]): void {
  const state = new Map<number, string[]>();
  for (const { from, to, bytes } of sequence) {
    expect(from >= firstSlotLocation && to >= firstSlotLocation).toBe(false);
    if (from < 32 || to < 32) expect(bytes).toBeLessThanOrEqual(8);
    if (from < firstSlotLocation && to < firstSlotLocation) expect(from >>> 5).toBe(to >>> 5);
    const content = bytesAt(state, from).slice(0, bytes);
    const old = bytesAt(state, to);
    // A slot keeps the bytes that are not written; the rest of a register is gone.
    state.set(to, [...content, ...(to >= firstSlotLocation ? old.slice(bytes) : Array.from({ length: 16 - bytes }, () => 'gone'))]);
  }
  for (const { from, to, bytes } of moves) {
    if (from !== to) expect(bytesAt(state, to).slice(0, bytes)).toEqual(Array.from({ length: bytes }, (_, i) => `${from}:${i}`));
    state.delete(to);
  }
  for (const location of state.keys()) expect([...scratch, extraSlot]).toContain(location);
}

describe('parallel moves', () => {
  test('do in sequence what they do at once', () => {
    const group = new ParallelMoves();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120, size: 'max' }), (bytes) => {
        const moves = randomMoves(choicesOfBytes(bytes));
        checkSequence(moves, resolve(moves, group).sequence);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  test('swap two wide slots through an extra slot, as one float scratch register cannot', () => {
    const group = new ParallelMoves();
    const a = firstSlotLocation;
    const moves = [
      { from: a, to: a + 1, bytes: 16 },
      { from: a + 1, to: a, bytes: 16 },
    ];
    const { sequence, extra } = resolve(moves, group);
    expect(extra).toBe(1);
    checkSequence(moves, sequence);
  });

  test('need no scratch register without a cycle', () => {
    const { sequence } = resolve(
      [
        { from: 1, to: 2, bytes: 8 },
        { from: 0, to: 1, bytes: 8 },
        { from: 0, to: 3, bytes: 4 },
      ],
      new ParallelMoves(),
    );
    expect(sequence).toHaveLength(3);
    expect(sequence.some((m) => m.to === scratch[0])).toBe(false);
  });

  test('refuse two moves into one location', () => {
    const group = new ParallelMoves();
    group.add(0, 1, 8);
    group.add(2, 1, 8);
    expect(() => group.resolve(scratch, () => extraSlot)).toThrow(/one location/);
  });
});
