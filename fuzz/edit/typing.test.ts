// What typing says of code is what the validator thinks: ranges replaced by constants of their net types leave a valid module.

import { expect, test } from 'vitest';
import { decode, validate } from '../../interpreter/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { applyChanges, maybeInstead } from './apply.ts';
import { decodeForEditing } from './decode.ts';
import { DanglingReference, encodeEdited } from './encode.ts';
import type { EditModule } from './module.ts';
import { sitesOf } from './typing.ts';

/** Why a module is not valid; what is left of one that cannot even be written is said as it is. */
function fault(m: EditModule): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = encodeEdited(m);
  } catch (error) {
    if (error instanceof DanglingReference) return error.message;
    throw error;
  }
  const module = decode(bytes);
  const checked = module.kind === 'module' ? validate(module) : module;
  return 'message' in checked ? checked.message : undefined;
}

function generated(seed: number): EditModule {
  const m = decodeForEditing((seed % 2 === 0 ? generateModule : generateModernModule)(randomChoices(seed)));
  if ('kind' in m) throw new Error(m.message);
  return m;
}

test('any range may become constants', () => {
  let replaced = 0;
  for (let seed = 0; seed < 60; seed++) {
    const m = generated(seed);
    for (const one of m.functions) {
      for (const [number, site] of sitesOf(m, one).entries()) {
        // Some of each function: every range is a whole validation.
        if (number % 11 !== seed % 11 || site.from === undefined || site.ends) continue;
        const by = maybeInstead([], site.net);
        if (by === undefined) continue;
        const after = applyChanges(m, [{ kind: 'code', list: site.list, from: site.from, to: site.at, by }]);
        const message = fault(after);
        // A local without a default may lose its only initialisation.
        if (message?.startsWith('uninitialized local') !== true && message?.startsWith('undeclared function reference') !== true) expect(message === undefined ? undefined : `${site.one.row.name} of seed ${seed}: ${message}`).toBeUndefined();
        replaced++;
      }
    }
  }
  expect(replaced).toBeGreaterThan(500);
});

test('any entity may go', () => {
  let removed = 0;
  for (let seed = 0; seed < 40; seed++) {
    const m = generated(seed);
    for (const [space, list] of [['function', m.functions], ['table', m.tables], ['memory', m.memories], ['global', m.globals], ['element', m.elements], ['data', m.datas]] as const) {
      const id = list[seed % Math.max(1, list.length)]?.id;
      if (id === undefined) continue;
      const message = fault(applyChanges(m, [{ kind: 'remove', space, id }]));
      // References without a plain constant, and functions that no segment declares any more, are for the validator to refuse;
      // an array made of a segment has no plain constant either, and stays behind with nothing to be made of.
      if (!/^(edit: (?:data|element) \d+ is not there|type mismatch.*\(ref|undeclared function reference|constant expression required|uninitialized local)/.test(message ?? '')) expect(message === undefined ? undefined : `${space} ${id} of seed ${seed}: ${message}`).toBeUndefined();
      removed++;
    }
  }
  expect(removed).toBeGreaterThan(120);
});
