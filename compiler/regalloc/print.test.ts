// Law: printer and parser are each other's inverse, with and without an allocation.

import { describe, expect, test } from 'vitest';
import { TextScanner } from '../base/text-scanner.ts';
import { allocate } from './allocate.ts';
import { parseProblem } from './parse.ts';
import { printProblem } from './print.ts';
import { choicesOfSeed } from './testing/choices.ts';
import { randomProblem } from './testing/random-problem.ts';

describe('text of allocation problems', () => {
  test('parses back to the same problem and allocation', () => {
    for (let seed = 0; seed < 60; seed++) {
      const choose = choicesOfSeed(seed);
      const p = randomProblem(choose, { blocks: 1 + choose(12), instructions: 6 });
      const a = allocate(p, { algorithm: 'single-pass' });
      expect(parseProblem(new TextScanner(printProblem(p))), `seed ${seed}`).toEqual({ name: 'unnamed', problem: p, allocation: undefined });
      const text = printProblem(p, a, 'whole');
      const parsed = parseProblem(new TextScanner(text));
      expect(parsed.problem, `seed ${seed}`).toEqual(p);
      expect(parsed.allocation, `seed ${seed}`).toEqual({ ...a, statistics: { ...a.statistics, splits: 0 } });
      expect(printProblem(parsed.problem, parsed.allocation, parsed.name)).toBe(text);
    }
  });

  test.each([
    ['an unknown constraint', 'op use r0 anywhere', /no constraint is called 'anywhere'/],
    ['an unknown virtual register', 'op use r9 any', /r9 is too large/],
    ['a register that does not exist', 'op use r0 fixed i32', /i0 to i31/],
    ['a line that is no step', 'jump block1', /expected op, copy, move, to or end/],
  ])('refuses %s', (_, line, message) => {
    const text = `problem p {\nregisters i0 / f0 / scratch i30 f30\nvregs i8\nblock0:\n    ${line}\n    end\n}\n`;
    expect(() => parseProblem(new TextScanner(text))).toThrow(message);
  });
});
