// IR as what the search reduces: texts with their functions and cost, changes applied and verified, passes in their order.

import { hash } from 'node:crypto';
import { parseFunctions, TextError, verifyFunction } from '../../compiler/inside.ts';
import type { Candidate, Subject } from './engine.ts';
import { irPasses } from './ir-passes/index.ts';
import { type EditFunction, type IrText, printIrText, readIrText } from './ir-text.ts';

export interface IrCandidate extends Candidate {
  readonly ir: IrText;
  readonly text: string;
}

/** Changes functions; the same text where it no longer applies. */
export type IrChange = (ir: IrText) => IrText;

export function irInstructionsOf({ functions }: IrText): number {
  return functions.reduce((sum, { blocks }) => sum + blocks.reduce((more, { instructions }) => more + instructions.length, 0), 0);
}

/** Constants that are not 0 are harder to read. */
const isOdd = ({ name, words }: EditFunction['blocks'][number]['instructions'][number]): boolean => /^[if]const/.test(name) && !/^(?:0x)?0(?: |$)/.test(words);

/**
 * Instructions above all, then blocks, parameters and results; then the text's length, and last how large the numbers in it are. A function's parameter weighs more than
 * a constant that may stand for it: what it is called with is drawn anew whenever its type changes, so a function without any is steadier.
 */
function costOf({ functions }: IrText, text: string): number {
  let cost = text.length / 64;
  for (const { params, results, blocks, types } of functions) {
    cost += (Math.max(0, ...types.keys()) + Math.max(0, ...blocks.map(({ number }) => number))) / 100_000;
    cost += 20 + 8 * params.length + 4 * results.length;
    for (const { parameters, instructions } of blocks) cost += 4 + 3 * parameters.length + 8 * instructions.length + instructions.filter(isOdd).length;
  }
  return cost;
}

function candidateOf(ir: IrText): IrCandidate {
  const text = printIrText(ir);
  return { ir, text, cost: costOf(ir, text), key: hash('sha1', text, 'base64') };
}

/** The candidate to begin with. Its text is the given one, not what printing would make of it. Throws `TextError` where it is no IR. */
export function startingIr(text: string): IrCandidate {
  const ir = readIrText(text);
  return { ...candidateOf(ir), text, cost: costOf(ir, text) + 1 };
}

/** Reads a changed text again, as the compiler prints it; undefined when it cannot be read or does not verify. */
function maybeRead(ir: IrText, mustVerify: boolean): IrText | undefined {
  const text = printIrText(ir);
  try {
    if (mustVerify && parseFunctions(text).some(({ f }) => verifyFunction(f).length > 0)) return undefined;
    return readIrText(text);
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

/** Reduction of IR; without `mustVerify`, also to what the verifier rejects. */
export function irSubject(mustVerify = true): Subject<IrCandidate, IrChange> {
  return {
    passes: irPasses,
    apply: ({ ir }, changes) => {
      const changed = maybeRead(changes.reduce((now, change) => change(now), ir), mustVerify);
      return changed === undefined || changed.functions.length === 0 ? undefined : candidateOf(changed);
    },
  };
}
