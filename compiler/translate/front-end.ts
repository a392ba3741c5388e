// What compilations of one module have in common: read and validated it is the same for all, its IR as translated for both levels of optimisation, and its
// IR after the mid-end for all targets.
// A compilation that is given such a record leaves its half-way results there, and finds those of the one before when it was of the same bytes.
//
// Invariant: whoever shares a record never changes the bytes of a module that was compiled with it; sameness is that of the array. Functions
// in it are read only: selection does not change them. Nothing is shared by compilations whose halves could differ for another reason
// (planted faults, inspection, limited fuel): the pipeline leaves the record alone then.

import type { IrFunction } from '../ir/function.ts';
import type { PreparedModule } from './prepare.ts';

/** Reading a module ended in this. */
export type Prepared = { readonly module: PreparedModule } | { readonly error: unknown };

/** Remembers one module at a time. */
export class FrontEnd {
  private bytes: Uint8Array | undefined = undefined;
  private prepared = new Map<string, Prepared>();
  private functions = new Map<string, readonly IrFunction[]>();

  private attend(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    // Not cleared but left: a table that a map has given up refers to the one after it, and one that has become old keeps all later ones until a full collection.
    this.prepared = new Map();
    this.functions = new Map();
  }

  /** The module under `key`, which names all options of its preparation; made by `prepare` at the first time. */
  prepare(bytes: Uint8Array, key: string, prepare: () => PreparedModule): PreparedModule {
    this.attend(bytes);
    let prepared = this.prepared.get(key);
    if (prepared === undefined) {
      try {
        prepared = { module: prepare() };
      } catch (error) {
        prepared = { error };
      }
      this.prepared.set(key, prepared);
    }
    if ('error' in prepared) throw prepared.error;
    return prepared.module;
  }

  /** The functions under `key`, which names all options of translation and the level of the mid-end. */
  maybeFunctions(bytes: Uint8Array, key: string): readonly IrFunction[] | undefined {
    this.attend(bytes);
    return this.functions.get(key);
  }

  keepFunctions(bytes: Uint8Array, key: string, functions: readonly IrFunction[]): void {
    this.attend(bytes);
    this.functions.set(key, functions);
  }
}
