// Calls of the runtime: what is too long or too rare to be built from other operations (contract/libcalls.ts).

import type { Inst, Value } from '../base/entity.ts';
import { type LibcallName, libcalls } from '../contract/libcalls.ts';
import { resultAt, resultCount } from '../ir/function.ts';
import type { Translation } from './translation.ts';

/** Calls the runtime with indices known now, and the topmost operands behind them; pushes what comes back. */
export function callRuntime(t: Translation, name: LibcallName, ...indices: readonly number[]): void {
  const { number, params } = libcalls[name];
  const operands = params.length - indices.length;
  const args: Value[] = indices.map((index) => t.b.iconst32(index));
  args.push(...t.peek(operands));
  const inst = t.b.libcall(number, args);
  t.drop(operands);
  pushResults(t, inst);
}

/** Pushes the results of a call. */
export function pushResults(t: Translation, inst: Inst): void {
  const count = resultCount(t.f, inst);
  for (let i = 0; i < count; i++) t.push(resultAt(t.f, inst, i));
}
