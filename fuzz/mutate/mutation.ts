// What a mutation is: a valid module and choices in, a neighbouring valid module out.
//
// Mutations are total: where there is no place for one, the answer is undefined and the module stays. They are continuous: each changes one place, chosen by a
// few draws. Those that preserve meaning say so, and are a metamorphic oracle: original and mutant must behave the same, see metamorphic.ts.
// Generated modules end because they spend fuel (generate/module.ts); code that does is left alone by mutations that do not preserve meaning.

import type { Choices } from '../generate/choices.ts';
import type { Change } from '../edit/apply.ts';
import { type Code, eachInstruction, opcode } from '../edit/instructions.ts';
import type { EditModule, FunctionEntity } from '../edit/module.ts';
import { isNullable, isNumeric, type Site, sitesOf } from '../edit/typing.ts';

export interface Mutation {
  readonly name: string;
  readonly summary: string;
  /** Whether the mutant behaves as the original does. */
  readonly preservesMeaning: boolean;
  readonly apply: (c: Choices, m: EditModule) => EditModule | undefined;
}

export interface Place {
  readonly owner: FunctionEntity;
  readonly site: Site;
}

/** Globals that generated modules spend fuel from: those that `refuel` sets. */
export function fuelGlobals(m: EditModule): ReadonlySet<number> {
  const found = new Set<number>();
  const start = m.exports.find(({ name, kind }) => kind === 'function' && name === 'refuel')?.id;
  const visit = (id: number | undefined, depth: number): void => {
    const body = m.functions.find((one) => one.id === id)?.body ?? [];
    eachInstruction(body, ({ row, args }) => {
      if (row.opcode === opcode.globalSet) found.add(Number(args[0]));
      // Joined modules have one that calls the others.
      if (row.opcode === opcode.call && depth > 0) visit(Number(args[0]), depth - 1);
    });
  };
  visit(start, 2);
  return found;
}

/** Sequences and ranges of a function that spend fuel, with what is nested in them. */
function spendingSites(sites: readonly Site[], fuel: ReadonlySet<number>): ReadonlySet<Site> {
  const ranges = sites.filter((site) => site.net.length === 0 && site.from !== undefined).map(({ list, from = 0, at }) => ({ list, from, at }))
    .filter(({ list, from, at }) => list.slice(from, at + 1).some(({ row, args }) => row.immediate === 'global' && fuel.has(Number(args[0]))));
  const inside = new Set<Code>();
  const spending = new Set<Site>();
  for (const site of sites) {
    const isSpending = inside.has(site.list) || ranges.some(({ list, from, at }) => list === site.list && site.at >= from && site.at <= at);
    if (!isSpending) continue;
    spending.add(site);
    if (site.one.body !== undefined) inside.add(site.one.body);
    if (site.one.otherwise !== undefined) inside.add(site.one.otherwise);
  }
  return spending;
}

/** Own functions with a body. */
export function mutable(m: EditModule): FunctionEntity[] {
  return m.functions.filter(({ from, body }) => from === undefined && body.length > 0);
}

/** One place of a drawn function where the test holds, away from code that spends fuel; undefined when that function has none. */
export function maybePlace(c: Choices, m: EditModule, isFit: (site: Site, owner: FunctionEntity) => boolean): Place | undefined {
  const owner = c.maybePick(mutable(m));
  if (owner === undefined || m.exports.some(({ name, id }) => name === 'refuel' && id === owner.id)) return undefined;
  const sites = sitesOf(m, owner);
  const spending = spendingSites(sites, fuelGlobals(m));
  const site = c.maybePick(sites.filter((one) => !spending.has(one) && isFit(one, owner)));
  return site === undefined ? undefined : { owner, site };
}

/** The code of a site's range. */
export function rangeOf({ list, from, at }: Site): Code {
  return list.slice(from ?? at, at + 1);
}

/** Whether the range stands for itself: operands and all, going on behind it. */
export function isClosed({ from, ends }: Site): boolean {
  return from !== undefined && !ends;
}

/** Replaces a site's whole range. */
export function replaceRange({ list, from, at }: Site, by: Code): Change {
  return { kind: 'code', list, from: from ?? at, to: at, by };
}

/** Whether code sets a local that has no default: then it may not move into a block, where that would be forgotten at the end. */
export function initialisesLocal(owner: FunctionEntity, params: readonly string[], code: Code): boolean {
  const locals = [...params, ...owner.locals];
  let found = false;
  eachInstruction(code, ({ row, args }) => {
    const type = locals[Number(args[0])] ?? '';
    if ((row.opcode === opcode.localSet || row.opcode === opcode.localTee) && !isNumeric(type) && !isNullable(type)) found = true;
  });
  return found;
}
