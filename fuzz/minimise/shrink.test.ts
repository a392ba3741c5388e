// Shrinking by the tape: small results, and respect for time.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { shrink } from './shrink.ts';

/** Something to keep: an i32.popcnt, by its opcode between other bytes. */
const isInteresting = (bytes: Uint8Array): boolean => bytes.includes(0x69) && WebAssembly.validate(new Uint8Array(bytes));

function interestingChoices(): ReturnType<typeof randomChoices> {
  for (let seed = 0; ; seed++) {
    const choices = randomChoices(seed);
    const bytes = generateModule(choices);
    if (bytes.length > 1500 && isInteresting(bytes)) return choices;
  }
}

test('a large module becomes a small one that is still interesting', () => {
  const { built, tape, tries } = shrink(generateModule, interestingChoices(), isInteresting, () => false);
  expect(isInteresting(built)).toBe(true);
  expect(built.length).toBeLessThan(150);
  expect(tape.length).toBeLessThan(120);
  expect(tries).toBeLessThan(5000);
});

test('it stops when it is late', () => {
  const choices = interestingChoices();
  const { built, tries } = shrink(generateModule, choices, isInteresting, () => true);
  expect(tries).toBe(0);
  expect(built.length).toBeGreaterThan(1500);
});
