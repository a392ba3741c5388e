// Runs functions that belong to no module: for tests, for comparing a function before and after a pass, and for trying rules.
// Around them is one region of bytes, which is what `vmctx` points at; there is no host, so library calls and calls of code addresses are bugs.
// Values cross as bits: i32 and f32 as unsigned 32-bit, i64 and f64 as unsigned 64-bit integers.

import { bug } from '../base/errors.ts';
import { type TrapName, trapNameOf } from '../contract/traps.ts';
import { AddressSpace } from './address-space.ts';
import { frameBase, programOf, runProgram } from './evaluate.ts';
import { type Linkage, Machine, type Program } from './evaluate-machine.ts';
import type { IrFunction } from './function.ts';

export interface AloneOptions {
  /** Contents of the region at `vmctx`, copied; 4096 zero bytes unless given. */
  readonly memory?: Uint8Array;
  /** Blocks and calls until `outOfFuel`; a million unless given. */
  readonly fuel?: number;
  readonly maxDepth?: number;
}

export interface AloneOutcome {
  readonly trap: TrapName;
  /** Empty after a trap. */
  readonly results: readonly bigint[];
  /** The region at `vmctx` afterwards. */
  readonly memory: Uint8Array;
  /** Wasm offset of what trapped, or -1. */
  readonly origin: number;
}

/** Calls the first of `functions`; `call` reaches the others by their index. */
export function evaluateAlone(functions: readonly IrFunction[], args: readonly bigint[], options: AloneOptions = {}): AloneOutcome {
  const first = functions[0] ?? bug('nothing to evaluate');
  const space = new AddressSpace();
  const region = space.allocate(options.memory?.length ?? 4096);
  if (options.memory !== undefined) region.bytes.set(options.memory);
  const m = new Machine({ space, maybeTarget: () => undefined, callHost: () => bug('there is no host') }, options.maxDepth ?? 1000);
  m.fuel = options.fuel ?? 1e6;
  const programs = new Map<number, Program>();
  const linkage: Linkage = {
    program: (index) => {
      const known = programs.get(index);
      if (known !== undefined) return known;
      const program = programOf(functions.find((f) => f.index === index) ?? bug(`no function ${index}`), linkage);
      programs.set(index, program);
      return program;
    },
  };
  const program = programOf(first, linkage);
  const base = frameBase(m, program);
  if (base >= 0) {
    m.i64[base >> 1] = BigInt(region.address);
    args.forEach((bits, i) => (m.i64[(base >> 1) + 1 + i] = bits));
  }
  const trap = runProgram(m, program, base);
  const results = trap === 0 ? first.signature.results.map((type, i) => BigInt.asUintN(type.endsWith('32') ? 32 : 64, m.i64[(base >> 1) + i] as bigint)) : [];
  return { trap: trapNameOf(trap) ?? bug(`unknown trap ${trap}`), results, memory: region.bytes, origin: m.trapOrigin };
}
