// IR made small: its editable form is the text itself, every pass leads to functions that verify, and of a planted fault little more is left than what shows it.

import { mkdtempSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseFunctions, printFunction, verifyFunction } from '../../compiler/inside.ts';
import { maybeFault } from '../faults/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { drawIrFunction } from '../generate/ir-function.ts';
import { irPasses } from './ir-passes/index.ts';
import { irInstructionsOf, irSubject, startingIr } from './ir-subject.ts';
import { printIrText, readIrText } from './ir-text.ts';
import { commandJudge } from './judge.ts';
import { openPartLaboratory } from './part-laboratory.ts';
import { NothingToReduce } from './reduce.ts';
import { irCaseOf, reduceIr } from './reduce-ir.ts';

const never = (): boolean => false;

/** Random functions of some size from a seed on, as text. */
function* functions(count: number, leastLines: number, first = 0): Generator<string> {
  for (let seed = first; count > 0; seed++) {
    const text = printFunction(drawIrFunction(randomChoices(seed)));
    if (text.split('\n').length < leastLines) continue;
    count--;
    yield text;
  }
}

test('what is read is printed as it was', () => {
  for (const text of functions(40, 10)) expect(printIrText(readIrText(`; a comment\n${text}`))).toBe(`; a comment\n${text}`);
});

test('calls, tables of branches and memory flags are read, too', () => {
  const text = [
    'function f2(i32, i64) -> i32, f64 {', '    sig0 = (i64) -> i32', '    sig1 = (i32) -> f64', '    fn7 = sig0', 'block0(v0: i32, v1: i64):', '    v2 = call fn7(v1)', '    v3 = vmctx.i64', '    v4 = load.i64 vmctx readonly v3+16',
    '    v5 = call_indirect sig1, v4, v3(v2) @0x1f', '    trapz v0, unreachable', '    br_table v2, [block1(v2), block2], block1(v0)', 'block1(v6: i32):', '    return v6, v5', 'block2:', '    trap integerOverflow', '}', '',
  ].join('\n');
  const ir = readIrText(text);
  expect(printIrText(ir)).toBe(text);
  expect(ir.functions[0]?.types.get(5)).toBe('f64');
  expect(irInstructionsOf(ir)).toBe(8);
});

test('each pass has proposals that lead to functions that verify and cost less', () => {
  const useful = new Set<string>();
  const subject = irSubject();
  for (const text of functions(6, 40)) {
    const start = startingIr(text);
    for (const { name, propose } of irPasses) {
      for (const change of propose(start).slice(0, 12)) {
        const after = subject.apply(start, [change]);
        if (after === undefined) continue;
        expect(parseFunctions(after.text).flatMap(({ f }) => verifyFunction(f))).toEqual([]);
        if (after.cost < start.cost) useful.add(name);
      }
    }
  }
  // Functions are dropped only where there are several.
  expect(irPasses.map(({ name }) => name).filter((name) => !useful.has(name))).toEqual(['drop-functions']);
});

test('of several functions with loops, the operation that is asked for is left', async () => {
  const text = [...functions(3, 60)].map((one, at) => one.replace('function f0', `function f${at}`)).join('');
  const { text: small, instructions, isFinished } = await reduceIr(text, (candidate) => /= urem /.test(candidate) && candidate.includes('sload8'), { isLate: never });
  expect(isFinished).toBe(true);
  expect(instructions.before).toBeGreaterThan(150);
  expect(instructions.after).toBeLessThanOrEqual(8);
  expect(small).toMatch(/= urem /);
});

/** The smallest text that still gives the same finding of the target `rules`, and what it was found in. */
async function reducedWith(faultName: string, leastLines: number, first: number): Promise<{ readonly signature: string; readonly text: string; readonly before: number; readonly after: number }> {
  const faults = maybeFault(faultName)?.faults ?? [];
  const encoder = new TextEncoder();
  for (const plain of functions(1000, leastLines, first)) {
    const { part, text } = irCaseOf(plain);
    const laboratory = openPartLaboratory(part, faults);
    const wish = await laboratory.look(encoder.encode(text));
    if (wish?.kind !== 'signature') continue;
    const { text: small, instructions } = await reduceIr(text, (candidate) => laboratory.shows(encoder.encode(candidate), wish), { isLate: never, trials: 1 });
    expect(await openPartLaboratory(part, faults).look(encoder.encode(small))).toEqual(wish);
    // Without the fault there is nothing to see.
    expect(await openPartLaboratory(part, []).look(encoder.encode(small))).toBeUndefined();
    return { signature: wish.signature, text: small, ...instructions };
  }
  throw new Error(`no function shows ${faultName}`);
}

test('a wrong rule of the mid-end: the evaluator differs before and after', async () => {
  const { signature, text, before, after } = await reducedWith('shift-count-unmasked', 60, 992);
  expect(signature).toBe('rules-mid-end.ir');
  expect(before).toBeGreaterThan(50);
  expect(after).toBeLessThanOrEqual(10);
  expect(text).toMatch(/= ishl /);
});

test('a pass that leaves what the verifier rejects: its crash is kept', async () => {
  const { signature, text, before, after } = await reducedWith('compare-gets-type-of-result', 60, 0);
  expect(signature).toMatch(/^rules-crash\./);
  expect(before).toBeGreaterThan(50);
  expect(after).toBeLessThanOrEqual(4);
  expect(text).toMatch(/= icmp /);
});

test('a command decides about IR as about modules', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-reduce-ir-test-'));
  const script = join(folder, 'interesting.sh');
  writeFileSync(script, '#!/bin/sh\n[ "$(basename "$1")" = candidate.ir ] && exec grep -q popcnt candidate.ir\n');
  chmodSync(script, 0o755);
  const judge = commandJudge(script, 10, 'candidate.ir');
  try {
    const text = 'function f0(i32, i64) -> i32 {\nblock0(v0: i32, v1: i64):\n    v2 = popcnt v0\n    v3 = iadd v2, v0\n    return v3\n}\n';
    const { text: small } = await reduceIr(text, (candidate) => judge.judge(new TextEncoder().encode(candidate)), { isLate: never });
    expect(small).toBe('function f0() {\nblock0:\n    v0 = iconst.i32 0\n    v1 = popcnt v0\n    trap unreachable\n}\n');
  } finally {
    judge.close();
  }
});

test('what is no IR, or not interesting, is refused with the place or the reason', async () => {
  await expect(reduceIr('function f0() {\nblock0:\n    retrun\n}\n', () => true, { isLate: never })).rejects.toThrow("3:5: unknown opcode 'retrun'");
  await expect(reduceIr('function f0() {\nblock0:\n    return\n}\n', () => false, { isLate: never })).rejects.toThrow(NothingToReduce);
});
