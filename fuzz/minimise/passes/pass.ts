// What a pass over modules is: proposals only, see engine.ts.

import type { Change } from '../../edit/apply.ts';
import type { EditModule, FunctionEntity } from '../../edit/module.ts';
import { type Site, sitesOf } from '../../edit/typing.ts';
import type { Pass } from '../engine.ts';

export type ModulePass = Pass<{ readonly m: EditModule; readonly bytes: Uint8Array }, Change>;

/** Own functions, those with the largest bodies first. */
export function ownFunctions(m: EditModule): FunctionEntity[] {
  return m.functions.filter(({ from }) => from === undefined);
}

/** All sites of all bodies. */
export function allSites(m: EditModule): Site[] {
  return ownFunctions(m).flatMap((one) => sitesOf(m, one));
}

/** Proposals with a size each, the largest first; equals keep their order. */
export function largestFirst(sized: readonly { readonly size: number; readonly change: Change }[]): Change[] {
  return [...sized].sort((a, b) => b.size - a.size).map(({ change }) => change);
}

/** Replaces one instruction by others. */
export function replaceOne({ list, at }: Site, by: Extract<Change, { readonly kind: 'code' }>['by']): Change {
  return { kind: 'code', list, from: at, to: at, by };
}
