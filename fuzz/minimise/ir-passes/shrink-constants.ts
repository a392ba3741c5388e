// Makes constants and offsets smaller, towards 0, and forgets where in a module an instruction came from.

import { type EditFunction, mapInstructions } from '../ir-text.ts';
import { inEach, type IrPass, placesOf } from './pass.ts';

const number = /^-?(?:0x[0-9a-f]+|\d+)/;
const floats: Readonly<Record<string, readonly string[]>> = { 'fconst.f32': ['0x0', '0x3f800000'], 'fconst.f64': ['0x0', '0x3ff0000000000000'] };

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function smaller(name: string, words: string): readonly string[] {
  const found = words.replace(/ ?@0x[0-9a-f]+$/, '');
  const plain = found === words ? [] : [found];
  const [digits] = number.exec(words) ?? [];
  if (name.startsWith('iconst') && digits !== undefined) {
    const value = BigInt(digits);
    const values = [0n, 1n, value & 255n, value / 2n, value & 65535n, BigInt.asIntN(32, value), -1n].filter((less) => magnitude(less) < magnitude(value) || (less === -1n && magnitude(value) > 1n));
    return [...new Set(values)].map((less) => words.replace(number, String(less))).concat(plain);
  }
  if (name.startsWith('fconst') && digits !== undefined && BigInt(digits) !== 0n) return (floats[name] ?? []).filter((bits) => bits !== digits).map((bits) => words.replace(number, bits)).concat(plain);
  const offset = /(v\d+)[+-]\d+/;
  return (/load|store/.test(name) && offset.test(words) ? [words.replace(offset, '$1')] : []).concat(plain);
}

export const shrinkConstants: IrPass = {
  name: 'shrink-constants',
  propose: inEach((f) => placesOf(f).flatMap(({ one: { id, name, words } }) => smaller(name, words).map((text) => (now: EditFunction) => mapInstructions(now, (one) => [one.id === id ? { ...one, words: text } : one])))),
};
