// The interpreter's verdict on a module against V8's: both know all of Wasm 3.0 and threads, so every difference is somebody's mistake or one of those below.
// Each known difference is told by what the interpreter says, at which instruction, and by V8's words; everything else is a finding.

import { decode, validate } from '../../interpreter/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { damage } from './damage.ts';
import { askV8, differ, type Opinion } from './opinions.ts';
import type { Seed } from './try.ts';

export interface LocatedOpinion extends Opinion {
  /** Byte offset of what is wrong; −1 where nothing is. */
  readonly offset: number;
}

/** The interpreter's verdict, with the place. */
export function askInterpreterWhere(bytes: Uint8Array): LocatedOpinion {
  const module = decode(bytes);
  if (module.kind === 'malformed') return module;
  const checked = validate(module);
  switch (checked.kind) {
    case 'checked':
      return { kind: 'valid', message: '', offset: -1 };
    case 'invalid':
      return checked;
    case 'unsupported':
      return { kind: 'unsupported', message: checked.feature, offset: checked.offset };
  }
}

export interface ValidatorDifference {
  readonly name: string;
  /** Why the interpreter is right, or at liberty. */
  readonly reason: string;
  /** `opcode` is the byte at the interpreter's offset in `bytes`. */
  readonly matches: (interpreter: Opinion, v8: Opinion, opcode: number, bytes: Uint8Array) => boolean;
}

const mismatch = 'type mismatch: ';

function isInvalid(opinion: Opinion, message: RegExp): boolean {
  return opinion.kind === 'invalid' && opinion.message.startsWith(mismatch) && message.test(opinion.message.slice(mismatch.length));
}

function hasCastFail(bytes: Uint8Array): boolean {
  return bytes.some((byte, index) => byte === 0xfb && bytes[index + 1] === 0x19);
}

export const validatorDifferences: readonly ValidatorDifference[] = [
  {
    name: 'limit of V8',
    reason: 'the standard allows memories beyond 262,144 pages and tables beyond 10,000,000 elements; V8 does not',
    matches: (interpreter, v8) => interpreter.kind === 'valid' && /implementation limit|internal limit|maximum (number|size) of/.test(v8.message),
  },
  {
    name: 'legacy exception handling',
    reason: 'opcode 06 was `try` in a proposal that the standard did not take; V8 still has it',
    matches: (interpreter, v8, opcode) => interpreter.kind === 'malformed' && interpreter.message.startsWith('illegal opcode') && opcode === 0x06 && v8.kind === 'valid',
  },
  {
    name: 'br_on_non_null to a label without types',
    reason: 'the label must take the reference (3.4.7); V8 accepts one that takes nothing',
    matches: (interpreter, v8, opcode) => opcode === 0xd6 && isInvalid(interpreter, /^label does not take a reference/) && v8.kind === 'valid',
  },
  {
    name: 'br_on_cast_fail to a nullable target',
    reason: 'the result is the target type (3.4.7), nullable even where the operand is not; V8 keeps the operand\'s type where the cast always succeeds',
    matches: (interpreter, v8, _opcode, bytes) => isInvalid(interpreter, /^expected \(ref (?!null)[^)]*\), found (?:\(ref null|[a-z0-9]+ref)/) && hasCastFail(bytes) && v8.kind === 'valid',
  },
  {
    name: 'ref.eq below an unreachable point',
    reason: 'an operand that is there must be an eqref all the same (3.4.8); V8 does not look at it',
    matches: (interpreter, v8, opcode) => opcode === 0xd3 && isInvalid(interpreter, /^expected eqref/) && v8.kind === 'valid',
  },
  {
    name: 'a reference of unknown type taken as a number',
    reason: 'what ref.as_non_null and br_on_null leave below an unreachable point is some reference (3.4.8); V8 lets it be a number',
    matches: (interpreter, v8) => isInvalid(interpreter, /found \(ref bot\)/) && v8.kind === 'valid',
  },
  {
    name: 'element segments of number types',
    reason: 'a segment has a reference type (5.5.12); V8 lets one without elements have a number type',
    matches: (interpreter, v8, opcode) => interpreter.kind === 'malformed' && interpreter.message.startsWith('malformed reference type') && opcode >= 0x7b && opcode <= 0x7f && v8.kind === 'valid',
  },
];

export interface ValidatorSurprise {
  readonly seed: string;
  /** Which of the tries; −1 for a module as it was found. */
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly detail: string;
}

export interface ValidatorTally {
  modules: number;
  tries: number;
  /** What both said. */
  valid: number;
  refused: number;
  readonly known: Map<string, number>;
  readonly surprises: ValidatorSurprise[];
}

/** The known difference between two opinions on some bytes, `agree`, or what is surprising about them. */
export function compareValidators(bytes: Uint8Array): { readonly kind: 'agree'; readonly isValid: boolean } | { readonly kind: 'known'; readonly name: string } | { readonly kind: 'surprise'; readonly detail: string } {
  const interpreter = askInterpreterWhere(bytes);
  if ((interpreter.kind === 'valid') === WebAssembly.validate(new Uint8Array(bytes))) return { kind: 'agree', isValid: interpreter.kind === 'valid' };
  const v8 = askV8(bytes);
  if (!differ(interpreter, v8)) return { kind: 'surprise', detail: `V8 contradicts itself: ${v8.message}` };
  const known = validatorDifferences.find(({ matches }) => matches(interpreter, v8, bytes[interpreter.offset] ?? -1, bytes));
  if (known !== undefined) return { kind: 'known', name: known.name };
  const show = ({ kind, message }: Opinion): string => (kind === 'valid' ? kind : `${kind}: ${message}`);
  return { kind: 'surprise', detail: `interpreter ${show(interpreter)} at ${interpreter.offset}; V8 ${show(v8)}` };
}

/**
 * Compares verdicts on all modules as they are, then on `tries` damaged ones made from those of `toDamage`. Deterministic in the seed.
 * `progress` hears now and then.
 */
export function tryValidators(modules: readonly Seed[], toDamage: readonly Seed[], seed: number, tries: number, progress: (tally: ValidatorTally) => void = () => undefined): ValidatorTally {
  const tally: ValidatorTally = { modules: 0, tries: 0, valid: 0, refused: 0, known: new Map(), surprises: [] };
  const judge = (from: Seed, number: number, bytes: Uint8Array): void => {
    const result = compareValidators(bytes);
    if (result.kind === 'surprise') tally.surprises.push({ seed: from.name, number, bytes, detail: result.detail });
    else if (result.kind === 'known') tally.known.set(result.name, (tally.known.get(result.name) ?? 0) + 1);
    else if (result.isValid) tally.valid++;
    else tally.refused++;
  };
  for (const module of modules) {
    tally.modules++;
    judge(module, -1, module.bytes);
  }
  const choices = randomChoices(seed);
  while (tally.tries < tries) {
    choices.tape.length = 0;
    const from = toDamage[choices.draw(toDamage.length)];
    if (from === undefined) break;
    judge(from, tally.tries++, damage(from.bytes, choices));
    if (tally.tries % 256 === 0) progress(tally);
  }
  return tally;
}

/** Of modules, those that V8 finds valid and that are small enough to be damaged many times. */
export function damageable(modules: readonly Seed[], largest: number): Seed[] {
  return modules.filter(({ bytes }) => bytes.length <= largest && WebAssembly.validate(new Uint8Array(bytes)));
}
