// Bytes that may or may not be a module: the compiler's front end, V8 and the interpreter must agree on which.
// From choices a valid module is made and mostly damaged; a fuzzer's bytes are the module themselves, so that its corpus is one of plain wasm.

import { Choices, type RandomSource } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { neighbourOf } from '../generate/neighbour.ts';
import { damage, truncate } from '../malformed/damage.ts';
import { judgeBytes, opinions } from '../malformed/judge.ts';
import { normaliseError } from '../triage/signature.ts';
import { EventCounts } from './events.ts';
import { moduleFile } from './module-target.ts';
import { agreement, type Part, partTarget } from './target.ts';

const verdicts = ['valid', 'malformed', 'invalid', 'unsupported'] as const;

function build(c: Choices): Uint8Array {
  const bytes = c.section(() => (c.chance(1, 4) ? generateModernModule(c) : generateModule(c)));
  switch (c.draw(8)) {
    case 0: return bytes;
    case 1: return truncate(bytes, c.draw(bytes.length));
    default: return damage(bytes, c);
  }
}

/** Damaged as modules are, or as any bytes. */
function vary(input: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array {
  return random.next(2) === 0 ? damage(input, new Choices(random)) : neighbourOf(input, other, random);
}

/** The part, with the real judges or with others in their place. */
export function malformedPart(ask: typeof opinions = opinions): Part<Uint8Array> {
  const events = new EventCounts(verdicts);
  return {
    file: moduleFile,
    build,
    bytes: { read: (bytes) => bytes.slice(), vary },
    print: (bytes) => bytes,
    read: (content) => content.slice(),
    judge: (bytes) => {
      const { verdict, surprises } = judgeBytes(bytes, ask);
      if (verdict !== undefined) events.add(verdict);
      const [first] = surprises;
      if (first === undefined) return agreement;
      // What differs is told by the words of whoever refuses, without their numbers.
      const fingerprint = first.error === undefined ? first.detail.replaceAll(/0x[0-9a-f]+|\d+/g, 'N').slice(0, 120) : normaliseError(first.error);
      return { verdict: 'disagree', kind: first.kind, culprit: first.other ?? 'compiler', fingerprint, detail: first.error?.stack ?? first.detail };
    },
    statistics: () => events.statistics(),
  };
}

export const malformed = partTarget(
  'malformed', 'damaged modules for the front end, V8 and the interpreter', () => malformedPart(),
  () => malformedPart({ ...opinions, compiler: () => ({ kind: 'valid', message: '', offset: -1 }) }),
);
