// Laws of the passes: on random functions, with all fuel and with any part of it, what a pass leaves verifies and does the same as before.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Control, CountingControl } from '../base/control.ts';
import { evaluateAlone } from '../ir/evaluate-alone.ts';
import { type IrFunction, instCount } from '../ir/function.ts';
import { parseFunction } from '../ir/parse.ts';
import { printFunction } from '../ir/print.ts';
import { type Choose, randomArguments, randomFunction } from '../ir/random-function.ts';
import { expectVerified, printFaults, verifyFunction } from '../ir/verify.ts';
import { cleanBlocks } from './clean-blocks.ts';
import { eliminateDeadCode } from './eliminate-dead-code.ts';
import { foldConstants } from './fold-constants.ts';
import { hoistInvariants } from './hoist-invariants.ts';
import { numberValues } from './number-values.ts';
import { removeRedundantParameters } from './remove-redundant-parameters.ts';
import { simplify } from './simplify.ts';

const passes: Record<string, (f: IrFunction, control: Control) => void> = {
  cleanBlocks,
  eliminateDeadCode,
  foldConstants,
  hoistInvariants,
  numberValues,
  removeRedundantParameters,
  simplify: (f, control) => simplify(f, control),
};

/** A sequence of choices from a seed: the same function for the same seed, whatever is done to it. */
function chooser(seed: number): Choose {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const memory = Uint8Array.from({ length: 4096 }, (_, i) => (i * 73 + 11) & 0xff);

/** Behaviour on some arguments as text; undefined where fuel ended it. */
function behaviour(f: IrFunction, seed: number): (string | undefined)[] {
  const choose = chooser(seed);
  return Array.from({ length: 4 }, () => {
    const { trap, results, memory: after, origin } = evaluateAlone([f], randomArguments(choose), { memory, fuel: 300 });
    return trap === 'outOfFuel' ? undefined : `${trap}@${origin} (${results.join(', ')}) ${after.subarray(0, 700).toString()}`;
  });
}

function expectSame(before: string, wanted: readonly (string | undefined)[], f: IrFunction, seed: number, what: string): void {
  const faults = verifyFunction(f);
  if (faults.length > 0) expect.fail(`${what} leaves ill-formed IR:\n${printFaults(faults)}\n${before}\n${printFunction(f)}`);
  const got = behaviour(f, seed);
  wanted.forEach((text, i) => {
    // Fewer blocks burn less fuel: where one side ran out, there is nothing to compare.
    if (text !== undefined && got[i] !== undefined && text !== got[i]) expect.fail(`${what} changes behaviour:\n${text.slice(0, 200)}\n${got[i]?.slice(0, 200)}\n${before}\n${printFunction(f)}`);
  });
}

describe('random functions', () => {
  it('verify, print and parse', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const f = randomFunction(chooser(seed));
        expectVerified(f, 'generation');
        const text = printFunction(f);
        expect(printFunction(parseFunction(text))).toBe(text);
      }),
      { seed: 31, numRuns: 300 },
    );
  });
});

describe.each(Object.keys(passes))('%s', (name) => {
  const pass = passes[name] ?? expect.fail();
  it('keeps behaviour', () => {
    let busy = 0;
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 30 }), (seed, fuel) => {
        for (const limit of [Infinity, fuel]) {
          const f = randomFunction(chooser(seed));
          const before = printFunction(f);
          const wanted = behaviour(f, seed);
          const control = new CountingControl({ fuel: limit });
          pass(f, control);
          if (control.firings.size > 0) busy++;
          expectSame(before, wanted, f, seed, `${name} with fuel ${limit}`);
        }
      }),
      { seed: 32, numRuns: 250 },
    );
    // Few random loops have the shape that code can be moved out of.
    expect(busy).toBeGreaterThan(name === 'hoistInvariants' ? 20 : 100);
  });
});

describe('all passes together', () => {
  it('keep behaviour, in any order, and make functions smaller', () => {
    let before = 0;
    let after = 0;
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.constantFrom(...Object.keys(passes)), { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 200 }), (seed, order, fuel) => {
        const f = randomFunction(chooser(seed));
        const text = printFunction(f);
        const wanted = behaviour(f, seed);
        const control = new CountingControl({ fuel: fuel > 150 ? Infinity : fuel });
        before += parsedSize(f);
        for (const name of order) passes[name]?.(f, control);
        after += parsedSize(f);
        expectSame(text, wanted, f, seed, order.join(', '));
      }),
      { seed: 33, numRuns: 250 },
    );
    expect(after).toBeLessThan(before);
  });
});

/** Instructions in the layout. */
function parsedSize(f: IrFunction): number {
  return instCount(parseFunction(printFunction(f)));
}

describe('a function of twenty thousand blocks, every third of which goes back', () => {
  it('passes through all passes, with loops nested thousands deep', () => {
    const count = 20_000;
    const lines = ['function f0(i32, i32) -> i32 {', 'block0(v0: i32, v1: i32):', '    jump block1(v0)'];
    for (let b = 1; b < count; b++) {
      const v = 4 * b;
      lines.push(`block${b}(v${v}: i32):`, `    v${v + 1} = iadd v${v}, v1`, `    v${v + 2} = imul v0, v1`, `    v${v + 3} = icmp slt v${v + 1}, v${v + 2}`);
      if (b % 3 === 2) lines.push(`    jump block${b + 1}(v${v + 1})`);
      else lines.push(`    brif v${v + 3}, block${b + 1}(v${v + 1}), block${b % 3 === 0 ? Math.max(1, b - 5) : Math.min(count, b + 2)}(v${v + 2})`);
    }
    lines.push(`block${count}(v${4 * count}: i32):`, `    return v${4 * count}`, '}', '');
    const f = parseFunction(lines.join('\n'));
    const control = new CountingControl();
    for (const pass of Object.values(passes)) pass(f, control);
    expectVerified(f, 'all passes');
    expect(control.firings.get('number-values')).toBeGreaterThan(count / 2);
  });
});
