// What the thread of `webassemblyjs` is asked, and what it answers.

/** What comes of a call: a value (an integer in decimal, a float as JavaScript has it), a trap, or an error that the interpreter throws for reasons of its own. */
export type CallAnswer =
  | { readonly kind: 'value'; readonly type: string; readonly text: string }
  | { readonly kind: 'float'; readonly type: string; readonly number: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'error'; readonly name: string; readonly message: string };

export type ModuleAnswer =
  | { readonly kind: 'ran'; readonly calls: readonly CallAnswer[] }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'not-instantiated'; readonly name: string; readonly message: string };

/** A number, or the two halves of a 64-bit integer: what the interpreter makes its own values of. */
export type CallArgument = number | { readonly low: number; readonly high: number };

export interface ModuleQuestion {
  readonly bytes: Uint8Array;
  readonly calls: readonly { readonly name: string; readonly args: readonly CallArgument[] }[];
}

/** The message of the error that ends a call after too many steps. */
export const outOfSteps = 'assay: out of steps';
