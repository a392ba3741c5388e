// Reduction by the tape: small results, and respect for time.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { searchTape } from './tape-subject.ts';

/** Something to keep: an i32.popcnt, by its opcode between other bytes. */
const isInteresting = (bytes: Uint8Array): boolean => bytes.includes(0x69) && WebAssembly.validate(new Uint8Array(bytes));

function interestingChoices(): ReturnType<typeof randomChoices> {
  for (let seed = 0; ; seed++) {
    const choices = randomChoices(seed);
    const bytes = generateModule(choices);
    if (bytes.length > 1500 && isInteresting(bytes)) return choices;
  }
}

test('a large module becomes a small one that is still interesting', async () => {
  const { best, tries, isFinished } = await searchTape(generateModule, interestingChoices(), isInteresting, { isLate: () => false });
  expect(isFinished).toBe(true);
  expect(isInteresting(best.built)).toBe(true);
  expect(best.built.length).toBeLessThan(150);
  expect(best.tape.length).toBeLessThan(120);
  expect(tries).toBeLessThan(5000);
});

test('it stops when it is late', async () => {
  const { best, tries, isFinished } = await searchTape(generateModule, interestingChoices(), isInteresting, { isLate: () => true });
  expect(tries).toBe(0);
  expect(isFinished).toBe(false);
  expect(best.built.length).toBeGreaterThan(1500);
});
