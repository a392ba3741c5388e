// Names of engines, taken apart.

import { expect, it } from 'vitest';
import { targetNames } from '../../compiler/inside.ts';
import { isCompilers, isInRunner, maybeTargetOfEngine, optionsOfEngine, runnerBase } from './engine-name.ts';

it.each(targetNames)('finds %s in the names of its engines', (target) => {
  for (const engine of [target, `${target}:none:explicit`, runnerBase(target), `${runnerBase(target)}:none`, `${target}-isolated`]) expect(maybeTargetOfEngine(engine)).toBe(target);
  expect(optionsOfEngine(`${target}:none:explicit`)).toEqual(['none', 'explicit']);
  expect(optionsOfEngine(target)).toEqual([]);
});

it('finds no target in other names', () => {
  for (const engine of ['interp', 'v8', 'ir-opt', 'z80', 'constructor', '', ...targetNames.map((target) => `${target}-odd`)]) expect(maybeTargetOfEngine(engine)).toBeUndefined();
});

it('knows which engines share the faults of our compiler', () => {
  expect(['ir', 'ir-opt:backtracking', ...targetNames, ...targetNames.map(runnerBase)].every(isCompilers)).toBe(true);
  expect(['interp', 'v8', 'wabt', 'irish'].some(isCompilers)).toBe(false);
});

it('knows which engines have a process of their own', () => {
  for (const target of targetNames) {
    expect(isInRunner(`${runnerBase(target)}:none:explicit`)).toBe(true);
    expect(isInRunner(target)).toBe(runnerBase(target) === target);
  }
  expect(['interp', 'v8', 'ir', 'wabt'].some(isInRunner)).toBe(false);
});
