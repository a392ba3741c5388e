// The benchmark's parts: its recipes cover the compiler, a recipe gives a case, and a predicate of ours can be asked by a command.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plantedFaults } from '../faults/index.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { instructionsIn, judgeOf, maybeCase } from './bench-case.ts';
import { benchRecipes } from './bench-recipes.ts';
import { commandJudge, type Judge } from './judge.ts';
import { parseText } from '../wast/text.ts';
import { openDesk } from './predicate-desk.ts';
import { withPlainTypes } from './wasm-reduce.ts';

test('twelve faults, in all parts of the compiler', () => {
  const faults = benchRecipes.map(({ fault }) => plantedFaults.find(({ name }) => name === fault));
  expect(new Set(faults).size).toBe(12);
  expect(new Set(faults.map((fault) => fault?.component))).toEqual(new Set(['frontend', 'mid-end', 'lowering', 'allocation', 'encoding', 'traps']));
});

const native = (await openEngine('x86-64')).availability();

test('a recipe gives a large module that shows its fault; when it no longer does, the search goes on', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  const [recipe] = benchRecipes.filter(({ fault }) => fault === 'shift-left-goes-right');
  if (recipe === undefined) return expect.fail('there is no such recipe');
  // A recipe that leads astray, as after a change of the generator.
  const searched = await maybeCase({ ...recipe, number: recipe.number - 1 }, 'x86-64', () => undefined);
  if (searched === undefined) return expect.fail('no case was found');
  const { given, isAsInRecipe } = searched;
  expect(isAsInRecipe).toBe(false);
  expect(given.bytes.length).toBeGreaterThanOrEqual(5000);
  expect(instructionsIn(given.bytes)).toBeGreaterThan(500);
  const judge = judgeOf(given, 1);
  try {
    expect(await judge.judge(given.bytes)).toBe(true);
  } finally {
    judge.close();
  }
});

test('a command asks a predicate of ours, and never takes an answer that was another’s', async () => {
  const told: unknown[] = [];
  let hold: Promise<void> = Promise.resolve();
  const isLong: Judge = { judge: async (bytes) => hold.then(() => bytes.length > 3), close: () => undefined };
  const desk = openDesk(isLong, (error) => told.push(error));
  const command = commandJudge(desk.command, 20);
  try {
    expect(await command.judge(Uint8Array.of(1, 2, 3, 4))).toBe(true);
    expect(await command.judge(Uint8Array.of(1, 2))).toBe(false);
    // One asks and is ended before it is answered; its answer is a yes.
    let release = (): void => undefined;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const path = join(desk.folder, 'long');
    writeFileSync(path, 'long enough');
    const [shell = '', script = ''] = desk.command.split(' ');
    const asker = spawn(shell, [script, path], { stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    asker.kill('SIGKILL');
    await new Promise((resolve) => asker.once('exit', resolve));
    release();
    while (desk.asked() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await command.judge(Uint8Array.of(1))).toBe(false);
    expect(desk.asked()).toBe(4);
    expect(told).toEqual([]);
  } finally {
    command.close();
    desk.close();
  }
});

test('what Binaryen writes with the types of Wasm 3.0 is judged with those it was given', async () => {
  const typed = await parseText('(module (table 1 funcref) (func $f) (global funcref (ref.null nofunc)) (elem (table 0) (i32.const 0) (ref func) (ref.func $f)) (func (export "f") (result externref) (ref.null noextern)))');
  const plain = await parseText('(module (table 1 funcref) (func $f) (global funcref (ref.null func)) (elem (table 0) (i32.const 0) funcref (ref.func $f)) (func (export "f") (result externref) (ref.null extern)))');
  if (typed.kind !== 'bytes' || plain.kind !== 'bytes') return expect.fail('the texts do not parse');
  expect(withPlainTypes(typed.bytes)).toEqual(withPlainTypes(plain.bytes));
});
