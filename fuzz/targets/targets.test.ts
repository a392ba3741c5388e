// Each target of one part: silent over many fixed choices, and loud when a fault of its own kind is planted.

import { expect, test } from 'vitest';
import { printVcode } from '../../compiler/inside.ts';
import { emptyTally } from '../campaign/tally.ts';
import { byteChoices, randomChoices, tapeChoices } from '../generate/choices.ts';
import { printers } from '../oracles/round-trip.ts';
import { encodePart } from './encode.ts';
import { moduleSeed, partTargets } from './index.ts';
import type { Circumstances, OpenTarget, Part, Target } from './target.ts';
import { textPart } from './text.ts';

const circumstances = (): Circumstances => ({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true });
const noLab = { engines: [], occasional: [], askWabt: undefined };

const cases = 160;

test.for(partTargets)('$name finds nothing where nothing is wrong, and reads back what it wrote', async (target: Target) => {
  const opened: OpenTarget = await target.open(noLab, []);
  const given = circumstances();
  for (let number = 0; number < cases; number++) {
    const choices = randomChoices(moduleSeed(9, number));
    const trial = opened.build(choices);
    expect(trial.run(given).finding).toBeUndefined();
    if (number % 10 !== 0) continue;
    const content = trial.content();
    expect(opened.build(tapeChoices(choices.tape)).content()).toEqual(content);
    expect(opened.read(content).content()).toEqual(content);
    expect(opened.read(content).run(circumstances()).finding).toBeUndefined();
  }
  expect(given.tally.engines[target.name]).toMatchObject({ executions: cases, disagree: 0 });
  expect(given.tally.engines[target.name]?.agree).toBeGreaterThan(cases * 0.75);
});

test.for(partTargets)('$name makes a trial of any bytes', async (target: Target) => {
  const opened = await target.open(noLab, []);
  for (const length of [0, 1, 2, 7, 300]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff);
    expect(opened.build(byteChoices(bytes)).run(circumstances()).finding).toBeUndefined();
  }
});

/** What each target must call the fault that it plants. */
const planted: Readonly<Record<string, string>> = {
  malformed: 'malformed-difference.v8', regalloc: 'regalloc-refuted.backtracking', encode: 'encode-decode.riscv64', rules: 'rules-native.code', text: 'text-roundtrip.ir',
};

test.for(partTargets)('$name catches a planted fault of its own kind', async (target: Target) => {
  const opened = await target.openPlanted?.();
  for (let number = 0; number < 3000; number++) {
    const finding = opened?.build(randomChoices(moduleSeed(4, number))).run(circumstances()).finding;
    if (finding === undefined) continue;
    expect(finding.signature.replace(/\.[0-9a-f]{8}$/, '')).toBe(planted[target.name]);
    expect(finding.target).toBe(target.name);
    return;
  }
  expect.fail('3000 cases, and none shows it');
});

/** The kinds of the first finding that a part makes over fixed choices. */
function firstFound<Case>(part: Part<Case>, most: number): string | undefined {
  for (let seed = 0; seed < most; seed++) {
    const verdict = part.judge(part.build(randomChoices(seed)));
    if (verdict.verdict === 'disagree') return `${verdict.kind} ${verdict.culprit}`;
  }
  return undefined;
}

test('encode hears a foreign disassembler where encoder and decoder agree', () => {
  const foreign = encodePart((isa, row) => (isa === 'x86-64' && row === 'add64_rr' ? 'another word for it' : undefined));
  expect(firstFound(foreign, 3000)).toBe('foreign x86-64');
});

test('text notices a printer of vcode that leaves something out', () => {
  const lossy = textPart({ ...printers, printVcode: (target, vcode, options) => printVcode(target, vcode, options).replace(/= (\w+) (r\d+), (?!\2)r\d+( |\n)/, '= $1 $2, $2$3') });
  expect(firstFound(lossy, 900)).toBe('roundtrip vcode');
});
