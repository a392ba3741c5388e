// What validation knows about a module, and leaves for instantiation and code: the typing context C of the standard.
// Chapter: "Validation", section "Conventions", "Contexts".
// All types here name identities of `space`; the module's own type indices go through `identities`.
import type { Module } from './syntax.ts';
import type { TypeSpace } from './matching.ts';
import type { GlobalType, TableType, ValueType } from './types.ts';
import { mapDefined } from './types.ts';
import { InvalidModule } from './outcome.ts';

export interface Context {
  readonly module: Module;
  readonly space: TypeSpace;
  /** Type index → identity in `space`. */
  readonly identities: Int32Array;
  /** Function index → identity of its type. */
  readonly functions: readonly number[];
  readonly tags: readonly number[];
  readonly tables: readonly TableType[];
  readonly globals: readonly GlobalType[];
  readonly elements: readonly ValueType[];
  /** Functions that occur outside bodies, which `ref.func` may name. */
  readonly declared: ReadonlySet<number>;
  /** How many of the globals the expression being checked may see. */
  visibleGlobals: number;
}

/** A module that passed validation. */
export interface CheckedModule {
  readonly kind: 'checked';
  readonly context: Context;
}

/** A type index to its identity; what it names must exist. */
export function identityOf(context: Context, typeIndex: number, offset: number): number {
  const id = context.identities[typeIndex];
  if (id === undefined) throw new InvalidModule(offset, `unknown type ${typeIndex}`);
  return id;
}

/** A type as decoded to a type of the context. */
export function resolveType(context: Context, type: ValueType, offset: number): ValueType {
  return mapDefined(type, (typeIndex) => identityOf(context, typeIndex, offset));
}
