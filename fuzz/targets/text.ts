// Printers and parsers of the compiler's levels, over random functions: IR, vcode, allocated code, allocation problems, proofs.

import { allocationAlgorithms, printFunction, targetNames, type TargetName } from '../../compiler/inside.ts';
import type { Choices } from '../generate/choices.ts';
import { drawIrFunction } from '../generate/ir-function.ts';
import { type Printers, printers, roundTripFault, type TextCase, textLevels } from '../oracles/round-trip.ts';
import { EventCounts } from './events.ts';
import { agreement, type Part, partTarget } from './target.ts';

const targetList = targetNames as readonly TargetName[] as readonly [TargetName, ...TargetName[]];

function build(c: Choices): TextCase {
  return {
    level: c.pick(textLevels),
    target: c.pick(targetList),
    regalloc: c.pick(allocationAlgorithms),
    isOptimised: c.chance(1, 3),
    hasFeatures: c.chance(1, 2),
    text: printFunction(c.section(() => drawIrFunction(c))),
  };
}

const settings = /^; level (\S+) target (\S+) regalloc (\S+) optimised (yes|no) features (yes|no)\n/;
const yes = (is: boolean): string => (is ? 'yes' : 'no');

function read(content: Uint8Array): TextCase {
  const whole = new TextDecoder().decode(content);
  const [head, levelName, targetName, algorithm, optimised, features] = settings.exec(whole) ?? [];
  const level = textLevels.find((name) => name === levelName);
  const target = targetNames.find((name) => name === targetName);
  const regalloc = allocationAlgorithms.find((name) => name === algorithm);
  if (head === undefined || level === undefined || target === undefined || regalloc === undefined) throw new Error('expected "; level L target T regalloc R optimised yes|no features yes|no" in the first line');
  return { level, target, regalloc, isOptimised: optimised === 'yes', hasFeatures: features === 'yes', text: whole.slice(head.length) };
}

/** The part, with the real printers or with others in their place. */
export function textPart(by: Printers = printers): Part<TextCase> {
  const events = new EventCounts(targetNames.flatMap((target) => textLevels.map((level) => `${level} ${target}`)));
  return {
    file: 'repro.ir',
    build,
    print: ({ level, target, regalloc, isOptimised, hasFeatures, text }) =>
      new TextEncoder().encode(`; level ${level} target ${target} regalloc ${regalloc} optimised ${yes(isOptimised)} features ${yes(hasFeatures)}\n${text}`),
    read,
    judge: (given) => {
      events.add(`${given.level} ${given.target}`);
      const fault = roundTripFault(given, by);
      if (fault === undefined) return agreement;
      return { verdict: 'disagree', kind: fault.level === 'verify' ? 'verify' : 'roundtrip', culprit: fault.level === 'verify' ? 'compiler' : fault.level, fingerprint: fault.level === 'ir' ? '' : given.target, detail: fault.detail };
    },
    statistics: () => events.statistics(),
  };
}

/** The second operand of a subtraction is printed as the first one's place. */
const lossy: Printers = { ...printers, printFunction: (f, options) => printFunction(f, options).replace(/isub v\d+, (v\d+)/, 'isub $1, $1') };

export const text = partTarget('text', 'printers and parsers of IR, vcode, allocations and proofs', () => textPart(), () => textPart(lossy));
