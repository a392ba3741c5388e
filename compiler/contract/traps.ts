// Why execution stopped. One code per reason of the standard (execution chapter), by the official test suite's wording.
// Compiled code, the trap table, the evaluator and the runtime all speak these numbers; 0 is "no trap".

export const trapCodes = {
  none: 0,
  unreachable: 1,
  integerDivideByZero: 2,
  integerOverflow: 3,
  invalidConversionToInteger: 4,
  outOfBoundsMemoryAccess: 5,
  outOfBoundsTableAccess: 6,
  undefinedElement: 7,
  uninitializedElement: 8,
  indirectCallTypeMismatch: 9,
  nullReference: 10,
  /** Not a trap of the standard but exhaustion: the stack limit was reached. */
  stackOverflow: 11,
  /** Not a trap of the standard but exhaustion: the fuel ran out. */
  outOfFuel: 12,
  /** The host function or library call that was running has an error to rethrow; the runtime holds it. */
  hostError: 13,
} as const;

export type TrapName = keyof typeof trapCodes;
export type TrapCode = (typeof trapCodes)[TrapName];

/** The test suite's wording of each code; what a user reads. */
export const trapMessages: Record<TrapName, string> = {
  none: 'no trap',
  unreachable: 'unreachable',
  integerDivideByZero: 'integer divide by zero',
  integerOverflow: 'integer overflow',
  invalidConversionToInteger: 'invalid conversion to integer',
  outOfBoundsMemoryAccess: 'out of bounds memory access',
  outOfBoundsTableAccess: 'out of bounds table access',
  undefinedElement: 'undefined element',
  uninitializedElement: 'uninitialized element',
  indirectCallTypeMismatch: 'indirect call type mismatch',
  nullReference: 'null reference',
  stackOverflow: 'call stack exhausted',
  outOfFuel: 'out of fuel',
  hostError: 'host error',
};

const names = Object.keys(trapCodes) as TrapName[];

/** The name of a code, or undefined for a number that is none. */
export function trapNameOf(code: number): TrapName | undefined {
  return names[code];
}
