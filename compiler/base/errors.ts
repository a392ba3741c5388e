// What can go wrong, by whose fault it is.
// Invalid:     the module's fault; thrown inside, returned as a value at the door.
// Unsupported: well-formed, but refused; names the feature or limit.
// Bug:         ours; the pipeline alone adds stage and function and rethrows, nothing else catches it.

/** Where and why a module is refused; `offset` is in bytes from the start of the module. */
export interface ModuleFault {
  readonly kind: 'malformed' | 'invalid' | 'unsupported';
  readonly offset: number;
  readonly message: string;
}

/** The module breaks the standard: `malformed` in its bytes (chapter 5), `invalid` in its types (chapter 3). */
export class InvalidModule extends Error {
  readonly kind: 'malformed' | 'invalid';
  readonly offset: number;
  constructor(kind: 'malformed' | 'invalid', offset: number, message: string) {
    super(message);
    this.name = 'InvalidModule';
    this.kind = kind;
    this.offset = offset;
  }
}

/** The module is well-formed but needs something this compiler does not have; `feature` is the standard's or the proposal's name. */
export class Unsupported extends Error {
  readonly kind = 'unsupported' as const;
  readonly feature: string;
  readonly offset: number;
  constructor(feature: string, offset: number) {
    super(`unsupported: ${feature}`);
    this.name = 'Unsupported';
    this.feature = feature;
    this.offset = offset;
  }
}

/** A broken invariant of the compiler itself; `where` names the entity (`inst9`, `block2`) or file it was seen at. */
export class Bug extends Error {
  readonly what: string;
  readonly where: string;
  /** Stage and function, filled in by the pipeline. */
  stage: string | undefined = undefined;
  constructor(what: string, where: string) {
    super(where === '' ? what : `${what} (at ${where})`);
    this.name = 'Bug';
    this.what = what;
    this.where = where;
  }
}

/** Throws a `Bug`. */
export function bug(what: string, where = ''): never {
  throw new Bug(what, where);
}

/** Marks the branch of a `switch` over a closed set that no value reaches. */
export function unreachable(x: never): never {
  throw new Bug(`unexpected case ${String(x)}`, '');
}

/** The value for a door: a fault for the two module errors, a rethrow for everything else. */
export function moduleFaultOf(error: unknown): ModuleFault {
  if (error instanceof InvalidModule) return { kind: error.kind, offset: error.offset, message: error.message };
  if (error instanceof Unsupported) return { kind: 'unsupported', offset: error.offset, message: error.message };
  throw error;
}
