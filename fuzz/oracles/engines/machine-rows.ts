// The engines of our machine code, from what the targets say of themselves.

import { maybeTargetOn, type TargetName, targetNames, targetOf } from '../../../compiler/inside.ts';
import { runnerBase } from '../engine-name.ts';
import { maybeCompileOptions, nativeEngine } from './compiled-engines.ts';
import type { EngineRow } from './row.ts';
import { runnerEngine } from './runner-engines.ts';

/** A name with options behind it, for each list of options. */
const withWords = (base: string, ...options: readonly string[]): string[] => options.map((words) => (words === '' ? base : `${base}:${words}`));

/** The engines of a target: in this process where its code can run there, and in a process of its own. */
function rowsOf(target: TargetName): EngineRow[] {
  const { platform, features, inProcess } = targetOf(target);
  const runner: Pick<EngineRow, 'base' | 'maybeLoad'> = {
    base: runnerBase(target),
    maybeLoad: async (name, words, { runnerTimeout, ...inside }) => {
      const options = maybeCompileOptions(words, features);
      return options === undefined ? undefined : runnerEngine(name, target, { ...options, ...inside }, runnerTimeout);
    },
  };
  const { base } = runner;
  if (inProcess === undefined) {
    const extended = features.length === 0 ? [] : [features.join(':')];
    return [{
      ...runner,
      summary: `our ${platform.title} code in a process of its own, under qemu-user on other CPUs`,
      names: withWords(base, '', 'none', 'explicit', 'none:explicit', ...extended),
      campaign: [],
      occasional: withWords(base, '', 'none:explicit', ...extended),
    }];
  }
  const variants = ['explicit', 'none:explicit', 'backtracking', 'explicit:backtracking', ...(features.length === 0 ? [] : ['baseline'])];
  return [
    {
      base: target,
      summary: `our ${platform.title} code on this CPU`,
      names: withWords(target, '', 'none', ...variants),
      campaign: withWords(target, '', 'none'),
      occasional: withWords(target, ...variants),
      maybeLoad: async (name, words, inside) => {
        const options = maybeCompileOptions(words, features);
        return options === undefined ? undefined : nativeEngine(name, target, { ...options, ...inside });
      },
    },
    { ...runner, summary: `our ${platform.title} code in a process of its own`, names: [base], campaign: [], occasional: [base] },
  ];
}

/** All of them, in the order of the targets. */
export const machineRows: readonly EngineRow[] = targetNames.flatMap(rowsOf);

/** The target of this CPU, if there is one. */
export const hostTarget: TargetName | undefined = maybeTargetOn(process.arch);
