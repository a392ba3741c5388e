// Faults that are no traps: code did what compiled code must never do. Findings of the worst kind; nothing in this room catches them.

import type { CodePlace } from '../contract/processor.ts';

/** A signal from compiled code at a place where none may come from, or at an address that no memory of its store explains. */
export class UnknownFault extends Error {
  /** Absolute address of the instruction. */
  readonly pc: number;
  /** What it touched, as the signal says. */
  readonly address: number;
  /** Signal number, 0 for none. */
  readonly signal: number;
  /** Index of the function it lies in, where there is one, and the offset of the pc in the artifact's code. */
  readonly func: number | undefined;
  readonly codeOffset: number | undefined;
  constructor(why: string, fault: { readonly pc: number; readonly address: number; readonly signal: number }, place: CodePlace | undefined) {
    const func = place?.func === undefined ? '' : ` in function ${place.func}`;
    const offset = place === undefined ? '' : `, code offset 0x${place.codeOffset.toString(16)}`;
    super(`unknown fault: ${why} (signal ${fault.signal}, pc 0x${fault.pc.toString(16)}${func}${offset}, address 0x${fault.address.toString(16)})`);
    this.name = 'UnknownFault';
    this.pc = fault.pc;
    this.address = fault.address;
    this.signal = fault.signal;
    this.func = place?.func;
    this.codeOffset = place?.codeOffset;
  }
}

/** The system or a budget refused memory that an instance needs. */
export class ResourceExhausted extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ResourceExhausted';
  }
}
