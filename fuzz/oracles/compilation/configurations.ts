// The compiler's configurations that oracles of compilation go through, one at a time.

import type { CompileOptions } from '../../../compiler/inside.ts';
import { targetNames } from '../../../compiler/inside.ts';

export interface Configuration {
  /** Named like an engine. */
  readonly name: string;
  readonly options: CompileOptions;
}

const variants: readonly CompileOptions[] = [{ opt: 'none' }, { opt: 'speed' }, { opt: 'speed', regalloc: 'backtracking' }, { opt: 'speed', bounds: 'explicit' }, { opt: 'speed', fuel: true }];

export const configurations: readonly Configuration[] = targetNames.flatMap((target) => variants.map((options) => ({ name: [target, ...Object.entries(options).map(([option, value]: [string, unknown]) => (value === true ? option : String(value)))].join(':'), options: { ...options, target } })));

/** One of them by any number. */
export function configurationAt(turn: number): Configuration {
  const found = configurations[turn % configurations.length];
  if (found === undefined) throw new RangeError(`no configuration for ${turn}`);
  return found;
}
