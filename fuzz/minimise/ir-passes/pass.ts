// What a pass over IR is: proposals only, see engine.ts.

import type { Pass } from '../engine.ts';
import type { IrCandidate, IrChange } from '../ir-subject.ts';
import type { EditFunction, IrInstruction } from '../ir-text.ts';

export type IrPass = Pass<IrCandidate, IrChange>;

/** A change of one function of the text, found by its name; undefined leaves it as it is. */
export function inFunction({ name }: EditFunction, change: (f: EditFunction) => EditFunction | undefined): IrChange {
  return (ir) => ({ ...ir, functions: ir.functions.map((f) => (f.name === name ? (change(f) ?? f) : f)) });
}

/** Proposals about each function. */
export function inEach(propose: (f: EditFunction) => readonly ((now: EditFunction) => EditFunction | undefined)[]): IrPass['propose'] {
  return ({ ir }) => ir.functions.flatMap((f) => propose(f).map((change) => inFunction(f, change)));
}

export interface Place {
  readonly block: number;
  readonly at: number;
  readonly one: IrInstruction;
}

/** All instructions with their places. */
export function placesOf({ blocks }: EditFunction): Place[] {
  return blocks.flatMap(({ number, instructions }) => instructions.map((one, at): Place => ({ block: number, at, one })));
}
