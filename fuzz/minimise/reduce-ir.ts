// IR made small, from start to end; and by which target a text of IR is judged.

import { headOf } from './ir-text.ts';
import { search, type SearchOptions } from './engine.ts';
import { guarded, steadinessOf } from './flaky.ts';
import { type IrCandidate, irInstructionsOf, irSubject, startingIr } from './ir-subject.ts';
import type { PartCase } from './part-laboratory.ts';
import { NothingToReduce, type ReductionFigures } from './reduce.ts';

export interface IrReduction extends ReductionFigures {
  readonly text: string;
}

export interface ReduceIrOptions extends SearchOptions<IrCandidate> {
  /** Whether candidates must verify before the predicate sees them; false where the verifier itself is the question. */
  readonly mustVerify?: boolean;
  /** How often the start is judged, to see whether the predicate is steady. */
  readonly trials?: number;
}

/** Reduces a text of IR; throws `TextError` where it is none, and `NothingToReduce` when the predicate never holds for it. */
export async function reduceIr(text: string, judge: (text: string) => Promise<boolean> | boolean, options: ReduceIrOptions): Promise<IrReduction> {
  const { mustVerify = true, trials = 3 } = options;
  const start = startingIr(text);
  if (start.ir.functions.length === 0) throw new NothingToReduce('the text holds no function', false);
  const steadiness = await steadinessOf(async () => judge(text), trials);
  if (steadiness.yes === 0) throw new NothingToReduce(`the text is not interesting: the predicate said no ${steadiness.of} times`, true);
  const { best, tries, discarded, isFinished, accepted } = await search(irSubject(mustVerify), start, guarded(async (candidate: IrCandidate) => judge(candidate.text), steadiness), options);
  return { text: best.text, instructions: { before: irInstructionsOf(start.ir), after: irInstructionsOf(best.ir) }, tries, discarded, isFinished, steadiness, accepted };
}

export const irFile = 'repro.ir';

/** A text of IR as a case of a target that reads such, with the target's name. */
export interface IrCase {
  readonly part: PartCase;
  readonly text: string;
}

/**
 * By which target a text is judged: the one whose first line it has. One without such a line is a case of the target `rules`, about no rule in particular; whether its
 * function runs natively depends on whether it touches memory by itself.
 */
export function irCaseOf(text: string): IrCase {
  const head = headOf(text);
  if (head.startsWith('; level ')) return { part: { target: 'text', file: irFile }, text };
  if (head.startsWith('; rule ')) return { part: { target: 'rules', file: irFile }, text };
  const usesMemory = /\b(?:load|store|[us]load\d+|store\d+|vmctx|call|call_indirect|libcall)\b/.test(text.slice(head.length));
  return { part: { target: 'rules', file: irFile }, text: `; rule none use none memory ${usesMemory ? 'yes' : 'no'} salt 0\n${text}` };
}
