// Faults that are no traps: code did what compiled code must never do. Findings of the worst kind; nothing in this room catches them.

/** A signal from compiled code at a place where none may come from, or at an address that no memory of its store explains. */
export class UnknownFault extends Error {
  /** Absolute address of the instruction. */
  readonly pc: number;
  /** What it touched, as the signal says. */
  readonly address: number;
  readonly signal: number;
  /** Index of the function it lies in, where there is one, and the offset of the pc in the artifact's code. */
  readonly func: number | undefined;
  readonly codeOffset: number | undefined;
  constructor(why: string, place: { pc: number; address: number; signal: number; func: number | undefined; codeOffset: number | undefined }) {
    const where = place.func === undefined ? '' : ` in function ${place.func}`;
    const offset = place.codeOffset === undefined ? '' : `, code offset 0x${place.codeOffset.toString(16)}`;
    super(`unknown fault: ${why} (signal ${place.signal}, pc 0x${place.pc.toString(16)}${where}${offset}, address 0x${place.address.toString(16)})`);
    this.name = 'UnknownFault';
    this.pc = place.pc;
    this.address = place.address;
    this.signal = place.signal;
    this.func = place.func;
    this.codeOffset = place.codeOffset;
  }
}

/** The system or a budget refused memory that an instance needs. */
export class ResourceExhausted extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ResourceExhausted';
  }
}
