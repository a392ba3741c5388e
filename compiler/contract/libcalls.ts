// Library calls: what compiled code asks of the runtime because it is rare, long or needs the host.
// Compiled code calls the address in its vmctx with the ordinary wasm calling convention and its own vmctx;
// the trampoline behind it hands number and arguments to the runtime. A library call that fails raises its trap itself.
// Types are those of compiled code: references are i64 (descriptor address or external handle).

export type MachineType = 'i32' | 'i64' | 'f32' | 'f64';

export interface Libcall {
  readonly number: number;
  readonly params: readonly MachineType[];
  readonly results: readonly MachineType[];
}

/** Parameters are named in the comment; the first ones are indices known at compile time. */
export const libcalls = {
  /** memory, delta in pages → old size in pages or -1. */
  memoryGrow: { number: 0, params: ['i32', 'i32'], results: ['i32'] },
  /** destination memory, source memory, destination, source, bytes. */
  memoryCopy: { number: 1, params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
  /** memory, destination, value, bytes. */
  memoryFill: { number: 2, params: ['i32', 'i32', 'i32', 'i32'], results: [] },
  /** memory, segment, destination, source, bytes. */
  memoryInit: { number: 3, params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
  /** segment. */
  dataDrop: { number: 4, params: ['i32'], results: [] },
  /** table, initial value, delta in elements → old size or -1. */
  tableGrow: { number: 5, params: ['i32', 'i64', 'i32'], results: ['i32'] },
  /** destination table, source table, destination, source, elements. */
  tableCopy: { number: 6, params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
  /** table, destination, value, elements. */
  tableFill: { number: 7, params: ['i32', 'i32', 'i64', 'i32'], results: [] },
  /** table, segment, destination, source, elements. */
  tableInit: { number: 8, params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
  /** segment. */
  elemDrop: { number: 9, params: ['i32'], results: [] },
} as const satisfies Record<string, Libcall>;

export type LibcallName = keyof typeof libcalls;

const names = Object.keys(libcalls) as LibcallName[];

/** The name of a library call number; names are listed in the order of their numbers. */
export function libcallNameOf(number: number): LibcallName | undefined {
  return names[number];
}
