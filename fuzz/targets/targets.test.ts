// Each target of one part: silent over many fixed choices, and loud when a fault of its own kind is planted.

import { expect, test } from 'vitest';
import { allocate, printFunction, printVcode, spoilers } from '../../compiler/inside.ts';
import { emptyTally } from '../campaign/tally.ts';
import { byteChoices, type Choices, randomChoices, tapeChoices } from '../generate/choices.ts';
import { opinions } from '../malformed/judge.ts';
import { encode } from '../oracles/encoding.ts';
import { printers } from '../oracles/round-trip.ts';
import { encodePart } from './encode.ts';
import { moduleSeed, partTargets } from './index.ts';
import { malformedPart } from './malformed.ts';
import { regallocPart } from './regalloc.ts';
import type { Circumstances, OpenTarget, Part, Target } from './target.ts';
import { textPart } from './text.ts';

const circumstances = (): Circumstances => ({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true });
const noLab = { engines: [], occasional: [], askWabt: undefined };

test.for(partTargets)('$name finds nothing where nothing is wrong, and reads back what it wrote', async (target: Target) => {
  const opened: OpenTarget = await target.open(noLab, []);
  const given = circumstances();
  for (let number = 0; number < 200; number++) {
    const choices = randomChoices(moduleSeed(9, number));
    const trial = opened.build(choices);
    expect(trial.run(given).finding).toBeUndefined();
    if (number % 10 !== 0) continue;
    const content = trial.content();
    expect(opened.build(tapeChoices(choices.tape)).content()).toEqual(content);
    expect(opened.read(content).content()).toEqual(content);
    expect(opened.read(content).run(circumstances()).finding).toBeUndefined();
  }
  expect(given.tally.engines[target.name]).toMatchObject({ executions: 200, disagree: 0 });
  expect(given.tally.engines[target.name]?.agree).toBeGreaterThan(150);
});

test.for(partTargets)('$name makes a trial of any bytes', async (target: Target) => {
  const opened = await target.open(noLab, []);
  for (const length of [0, 1, 2, 7, 300]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff);
    expect(opened.build(byteChoices(bytes)).run(circumstances()).finding).toBeUndefined();
  }
});

/** The kinds of the first finding that a part makes over fixed choices. */
function firstFound<Case>(part: Part<Case>, most: number, choicesOf: (seed: number) => Choices = randomChoices): string | undefined {
  for (let seed = 0; seed < most; seed++) {
    const verdict = part.judge(part.build(choicesOf(seed)));
    if (verdict.verdict === 'disagree') return `${verdict.kind} ${verdict.culprit}`;
  }
  return undefined;
}

test('regalloc refutes an allocator that reads from the wrong place', () => {
  const spoil = spoilers['a use reads another location'];
  const wrong = regallocPart((problem, options) => {
    const right = allocate(problem, options);
    return options.algorithm === 'backtracking' ? (spoil?.(problem, right, (n) => n - 1)?.a ?? right) : right;
  });
  expect(firstFound(wrong, 50)).toBe('refuted backtracking');
});

test('encode notices an encoder that swaps two operands, and one that two of ours would agree on', async () => {
  const swapped = encodePart(undefined, (isa, { row, cells }) => encode(isa, { row, cells: row === 'add' && isa === 'riscv64' ? cells.toReversed() : cells }));
  expect(firstFound(swapped, 3000)).toBe('decode riscv64');
  const foreign = encodePart((isa, row) => (isa === 'x86-64' && row === 'add64_rr' ? `${isa} has another word for it` : undefined));
  expect(firstFound(foreign, 3000)).toBe('foreign x86-64');
});

test('text notices printers that leave something out', () => {
  const lossyIr = textPart({ ...printers, printFunction: (f) => printFunction(f).replace(/isub v\d+, (v\d+)/, 'isub $1, $1') });
  expect(firstFound(lossyIr, 600)).toBe('roundtrip ir');
  const lossyVcode = textPart({ ...printers, printVcode: (target, vcode, options) => printVcode(target, vcode, options).replace(/= (\w+) (r\d+), (?!\2)r\d+( |\n)/, '= $1 $2, $2$3') });
  expect(firstFound(lossyVcode, 900)).toBe('roundtrip vcode');
});

test('malformed notices a front end that believes everything', () => {
  const credulous = malformedPart({ ...opinions, compiler: () => ({ kind: 'valid', message: '', offset: -1 }) });
  expect(firstFound(credulous, 20)).toBe('difference v8');
});
