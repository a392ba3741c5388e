// Recordings: replayed whole they make the same, edited they make something valid, and an edit in one section leaves the others alone.

import { expect, test } from 'vitest';
import { BalancedSource } from './balanced.ts';
import { byteChoices, type Choices, Choices as ChoicesOf, RandomSource } from './choices.ts';
import { generateModule } from './module.ts';
import { bytesOf, isMark, recordedChoices, type Recording, ReplaySource, zeros } from './recording.ts';
import { variationOf } from './variation.ts';

function recorded(seed: number): { readonly module: Uint8Array; readonly recording: Recording } {
  const { choices, recording } = recordedChoices(new RandomSource(seed));
  return { module: generateModule(choices), recording: recording() };
}

test('a recording makes what was recorded, replayed or written as bytes', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { module, recording } = recorded(seed);
    expect(generateModule(new ChoicesOf(new ReplaySource(recording, zeros)))).toEqual(module);
    expect(generateModule(byteChoices(bytesOf(recording)))).toEqual(module);
  }
});

test('variations are valid modules, mostly other ones', () => {
  const random = new RandomSource(7);
  let same = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { module, recording } = recorded(seed);
    const varied = variationOf(recording, recorded(seed + 1).recording, random, random);
    const made = generateModule(new ChoicesOf(new ReplaySource(varied, random)));
    expect(WebAssembly.validate(new Uint8Array(made))).toBe(true);
    if (Buffer.compare(made, module) === 0) same++;
  }
  expect(same).toBeLessThan(20);
});

test('what is put into one section or taken out of it moves nothing in the others', () => {
  const lists = (c: Choices): number[][] => Array.from({ length: 3 }, () => c.section(() => {
    const list: number[] = [];
    while (c.draw(4) > 0) list.push(c.draw(1000));
    return list;
  }));
  const { choices, recording } = recordedChoices(new RandomSource(11));
  const [first, second, third] = lists(choices);
  const { values, limits } = recording();
  const replayed = (edit: (column: Uint32Array) => Uint32Array): number[][] => lists(new ChoicesOf(new ReplaySource({ values: edit(values), limits: edit(limits) }, zeros)));
  // The middle section begins at the third mark.
  const marks = [...limits.keys()].filter((at) => isMark(recording(), at));
  const start = (marks[2] ?? 0) + 1;
  const end = marks[3] ?? 0;
  expect(end - start).toBe(2 * (second?.length ?? 0) + 1);
  expect(replayed((column) => Uint32Array.from([...column.subarray(0, start), ...column.subarray(end)]))).toEqual([first, [], third]);
  expect(replayed((column) => Uint32Array.from([...column.subarray(0, start), ...column.subarray(start, end - 1), ...column.subarray(start)]))).toEqual([first, [...(second ?? []), ...(second ?? [])], third]);
});

test('balanced numbers come to every alternative sooner than plain ones, and are as evenly spread', () => {
  const drawsUntilAll = (next: (n: number) => number): number => {
    const seen = new Set<number>();
    let draws = 0;
    for (; seen.size < 500; draws++) seen.add(next(500));
    return draws;
  };
  const plain = new RandomSource(3);
  const balanced = new BalancedSource(new RandomSource(3));
  expect(drawsUntilAll((n) => plain.next(n))).toBeGreaterThan(2500);
  expect(drawsUntilAll((n) => balanced.next(n))).toBeLessThan(1500);
});
