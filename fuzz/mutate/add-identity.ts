// Adds an operation that changes nothing to a value: + 0, × 1, xor twice, back and forth between integer and float bits.

import { applyChanges } from '../edit/apply.ts';
import { constantOf } from '../edit/functions.ts';
import { type Code, instruction } from '../edit/instructions.ts';
import type { Choices } from '../generate/choices.ts';
import { i32Edges } from '../generate/constants.ts';
import { isClosed, maybePlace, type Mutation } from './mutation.ts';

function integerIdentity(c: Choices, type: 'i32' | 'i64'): Code {
  const binary = (bits: number, name: string): Code => [constantOf(type, bits), instruction(`${type}.${name}`)];
  const edge = (): number => c.pick([1, ...i32Edges]);
  const mask = edge();
  switch (c.draw(8)) {
    case 0: return binary(0, c.pick(['add', 'sub', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr']));
    case 1: return binary(-1, 'and');
    case 2: return binary(1, c.pick(['mul', 'div_s', 'div_u']));
    case 3: return [...binary(mask, 'xor'), ...binary(mask, 'xor')];
    case 4: return [...binary(mask, 'add'), ...binary(mask, 'sub')];
    case 5: return [...binary(-1, 'mul'), ...binary(-1, 'mul')];
    case 6: return [...binary(mask, 'rotl'), ...binary(mask, 'rotr')];
    // A shift count of the width is none.
    default: return binary(type === 'i32' ? 32 : 64, c.pick(['shl', 'shr_s', 'shr_u', 'rotl']));
  }
}

const roundTrips = { f32: ['i32.reinterpret_f32', 'f32.reinterpret_i32'], f64: ['i64.reinterpret_f64', 'f64.reinterpret_i64'], v128: ['v128.not', 'v128.not'] } as const;

export const addIdentity: Mutation = {
  name: 'add-identity',
  summary: 'x becomes x + 0, x xor k xor k, and the like',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site) => isClosed(site) && ['i32', 'i64', 'f32', 'f64', 'v128'].includes(site.pushes.at(-1) ?? ''));
    const type = place?.site.pushes.at(-1);
    if (place === undefined) return undefined;
    const { list, at } = place.site;
    const code = type === 'i32' || type === 'i64' ? integerIdentity(c, type) : type === 'f32' || type === 'f64' || type === 'v128' ? roundTrips[type].map((name) => instruction(name)) : [];
    return applyChanges(m, [{ kind: 'code', list, from: at + 1, to: at, by: code }]);
  },
};
