// The interpreter's verdicts against V8's: known differences by name, none else; and a wrong verdict would be seen.

import { expect, test } from 'vitest';
import { generateModernModule } from '../generate/module.ts';
import { randomChoices } from '../generate/choices.ts';
import { parseText } from '../wast/text.ts';
import { askV8 } from './opinions.ts';
import { askInterpreterWhere, compareValidators, tryValidators, validatorDifferences } from './validators.ts';

async function binary(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

/** One module for each known difference, in the order of the table. */
const examples = [
  '(module (memory i64 300000))',
  undefined,
  '(module (func (param (ref null func)) (block (br_on_non_null 0 (local.get 0)))))',
  '(module (func (param (ref eq)) (result (ref any)) (block (result (ref any)) (br_on_cast_fail 0 (ref null any) (ref null eq) (local.get 0)))))',
  '(module (func (param i32) (result i32) (unreachable) (local.get 0) (ref.eq)))',
  '(module (func (result i32) (unreachable) (ref.as_non_null) (i32.eqz)))',
  undefined,
] as const;

const header = [0, 97, 115, 109, 1, 0, 0, 0] as const;

/** Those that no text can say: (func try end), and a passive segment of no i32. */
const binaries = [
  Uint8Array.of(...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x06, 0x40, 0x19, 0x0b, 0x0b),
  Uint8Array.of(...header, 9, 4, 1, 5, 0x7f, 0),
];

test('each known difference has an example', async () => {
  const unsaid = binaries.values();
  const verdicts: unknown[] = [];
  for (const text of examples) verdicts.push(compareValidators(text === undefined ? (unsaid.next().value ?? new Uint8Array()) : await binary(text)));
  expect(verdicts).toEqual(validatorDifferences.map(({ name }) => ({ kind: 'known', name })));
});

test('verdicts on generated modules and their mutants agree or differ in a known way', () => {
  const seeds = Array.from({ length: 60 }, (_, number) => ({ name: `module ${number}`, bytes: generateModernModule(randomChoices(number)) })).filter(({ bytes }) => bytes.length < 2000);
  const tally = tryValidators(seeds, seeds, 7, 6000);
  expect(tally.surprises.map(({ detail }) => detail)).toEqual([]);
  expect(tally.tries).toBe(6000);
  // Both sides of the border are well visited.
  expect(tally.valid).toBeGreaterThan(600);
  expect(tally.refused).toBeGreaterThan(2000);
}, 60_000);

test('a wrong verdict of the interpreter would be a surprise', async () => {
  // What it says of one module, held against what V8 says of another: no known difference is so wide as to hide it.
  const wrong = await binary('(module (func (param i32) (result i64) (local.get 0)))');
  const opinion = askInterpreterWhere(wrong);
  expect(opinion.kind).toBe('invalid');
  expect(validatorDifferences.filter(({ matches }) => matches(opinion, { kind: 'valid', message: '' }, wrong[opinion.offset] ?? -1, wrong))).toEqual([]);
  const accepted = { kind: 'valid', message: '' } as const;
  expect(validatorDifferences.filter(({ matches }) => matches(accepted, askV8(wrong), -1, wrong))).toEqual([]);
});
