// The evaluator's state and the shape of its code.
//
// Values live on one stack of 8-byte slots, seen as int32, int64, float32 and float64 cells over the same bytes (little-endian hosts).
// A frame begins at an even int32 cell: slot 0 holds the vmctx, slots 1 … n the parameters, then every other value of the function.
// Operands in code are int32 cell offsets from the frame's base, always even.
//
// Code is an int32 array; an operation is the number of its handler, then its operands; a handler answers where to go on.
//
//   plain         handler, result, operands …
//   load          handler, result, address, byte offset, trap code, origin
//   store         handler, value, address, byte offset, trap code, origin
//   trap, trapz   handler, condition, trap code, origin          (trap: no condition)
//   jump          handler, target, count, (from, to) × count      moves in order, or through a buffer where they overlap
//   brif          handler, condition, target, target
//   br_table      handler, index, count, target × count           the last is the default
//   call          handler, callee, count, argument × count, count, result × count
//   return        handler, count, value × count
//
// Invariant: `pc` of every frame but the innermost is that of its call operation.

import { bug } from '../base/errors.ts';
import type { Signature } from '../contract/artifact.ts';
import type { AddressSpace } from './address-space.ts';

/** Executes the operation at `pc` and answers the next `pc`, or `stopped`. */
export type Handler = (m: Machine, pc: number) => number;
/** Answer of a handler that ends the run: `trap` says why, 0 if the outermost function returned. */
export const stopped = -1;

/** A function's compact form. */
export interface Program {
  readonly name: string;
  readonly code: Int32Array;
  /** Cells of a frame. */
  readonly frameCells: number;
  /** What `call` reaches from here. */
  readonly linkage: Linkage;
  /** `pc` of each instruction that could be to blame, ascending, and the instruction. */
  readonly blame: readonly (readonly [pc: number, inst: number])[];
}

/** Finds the programs of one loaded module. */
export interface Linkage {
  program(index: number): Program;
}

/** Hears of each load and store that did not fault: where in the address space, as upper half and offset in the region, and how many bytes. */
export type AccessListener = (kind: 'load' | 'store', high: number, offset: number, bytes: number) => void;

/** What a code address names. */
export type Target =
  | { readonly kind: 'function'; readonly program: Program }
  /** The code behind host functions of one signature (`number` is -1), or behind a library call. */
  | { readonly kind: 'host'; readonly signature: Signature; readonly number: number };

/** What code may ask of its surroundings. */
export interface World {
  readonly space: AddressSpace;
  maybeTarget(address: number): Target | undefined;
  /**
   * Calls the host with parameters from, and results into, the slots of `m` from int32 cell `at` on.
   * Answers 0, or the trap code of what went wrong.
   */
  callHost(m: Machine, context: number, number: number, at: number, signature: Signature): number;
}

const initialCells = 1 << 10;
/** Frames beyond the limit that functions without a check may take. */
const unchecked = 64;
/** 64 MiB of slots. */
const maxCells = 1 << 24;

export class Machine {
  readonly world: World;
  readonly space: AddressSpace;
  /** Frames at which `stack_check` traps. Functions without a check may go a little deeper, as leaf functions do on a real stack. */
  maxDepth: number;
  /** Blocks and calls still to be executed. */
  fuel = Infinity;
  i32: Int32Array = new Int32Array(initialCells);
  i64: BigInt64Array;
  f32: Float32Array;
  f64: Float64Array;
  code: Int32Array = new Int32Array(0);
  /** Upper half of the address, bytes, and offset of the access being executed. */
  accessHigh = 0;
  accessView: DataView = new DataView(new ArrayBuffer(0));
  accessOffset = 0;
  /** Programs that are to tell it are made for that (`programOf`); others pay nothing. */
  onAccess: AccessListener | undefined = undefined;
  base = 0;
  depth = 0;
  /** Depth at which the current run began; a return there ends it. */
  floor = 0;
  program: Program | undefined = undefined;
  trap = 0;
  trapOrigin = -1;
  trapAddress: number | undefined = undefined;
  private readonly programs: (Program | undefined)[] = [];
  private readonly bases: number[] = [];
  private readonly pcs: number[] = [];

  constructor(world: World, maxDepth: number) {
    this.world = world;
    this.space = world.space;
    this.maxDepth = maxDepth;
    const { buffer } = this.i32;
    this.i64 = new BigInt64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Cell of the operand at `code[pc + n]`. */
  cell(at: number): number {
    return this.base + (this.code[at] as number);
  }

  stop(trap: number, origin: number, address?: number): number {
    this.trap = trap;
    this.trapOrigin = origin;
    this.trapAddress = address;
    return stopped;
  }

  /** Enters `program` from the operation at `pc`; false if the stack is full. */
  enter(program: Program, pc: number, base: number): boolean {
    if (this.depth >= this.maxDepth + unchecked || !this.reserve(base + program.frameCells)) return false;
    this.programs[this.depth] = this.program;
    this.bases[this.depth] = this.base;
    this.pcs[this.depth] = pc;
    this.depth++;
    this.program = program;
    this.code = program.code;
    this.base = base;
    return true;
  }

  /** Leaves the innermost frame and answers the `pc` of the call that made it. */
  leave(): number {
    this.depth--;
    const program = this.programs[this.depth];
    this.program = program;
    this.base = this.bases[this.depth] as number;
    if (program !== undefined) this.code = program.code;
    return this.pcs[this.depth] as number;
  }

  /** First cell behind the innermost frame. */
  get top(): number {
    return this.base + (this.program?.frameCells ?? 0);
  }

  reserve(cells: number): boolean {
    if (cells <= this.i32.length) return true;
    if (cells > maxCells) return false;
    const next = new Int32Array(Math.max(cells + (cells & 1), this.i32.length * 2));
    next.set(this.i32);
    this.i32 = next;
    this.i64 = new BigInt64Array(next.buffer);
    this.f32 = new Float32Array(next.buffer);
    this.f64 = new Float64Array(next.buffer);
    return true;
  }

  /** Reports behaviour the IR leaves undefined: the code before it lacks a check. */
  undefinedBehaviour(what: string, pc: number): never {
    const program = this.program;
    let blamed = -1;
    for (const [at, inst] of program?.blame ?? []) if (at <= pc) blamed = inst;
    bug(`undefined behaviour: ${what}`, `${program?.name ?? 'no function'}, inst${blamed}`);
  }
}
