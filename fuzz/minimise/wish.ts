// What a reduction must keep of the fault it began with.

import type { DifferenceKind } from '../oracles/compare.ts';

/** Kinds of difference that are one fault's different faces: what a wrong value touches first depends on the code around it. */
export type DifferenceClass = 'crash' | 'validity' | 'behaviour';

export type Wish =
  /** The same signature as the finding's. */
  | { readonly kind: 'signature'; readonly signature: string; readonly odd: string | undefined }
  /** Engines disagree: the same one is odd, the difference is of the same class, and the same stage and rule are to blame where that was known. */
  | { readonly kind: 'difference'; readonly of: DifferenceClass; readonly odd: string | undefined; readonly level: string | undefined; readonly rule: string | undefined }
  /** The process that runs it dies, or never ends. */
  | { readonly kind: 'death'; readonly how: 'death' | 'hang' };

export function classOf(kind: DifferenceKind | undefined): DifferenceClass {
  return kind === 'crash' || kind === 'validity' ? kind : 'behaviour';
}

/** A wish in words. */
export function showWish(wish: Wish): string {
  switch (wish.kind) {
    case 'signature': return `the signature ${wish.signature}`;
    case 'difference': {
      const blame = wish.level === undefined ? '' : `, first at ${wish.level}${wish.rule === undefined ? '' : ` by the rule ${wish.rule}`}`;
      return `a difference in ${wish.of}${wish.odd === undefined ? '' : `, ${wish.odd} being the odd one`}${blame}`;
    }
    case 'death': return wish.how === 'hang' ? 'the engine never ending' : 'the death of the process that runs the engine';
  }
}
