// What the checker answers: a proof with its figures, or every fault it found.

/** Kinds of fault, from the shape of the answer over single instructions to the flow of values. */
export type FaultKind =
  | 'location out of range'
  | 'wrong class'
  | 'constraint broken'
  | 'register not allocatable'
  | 'slot too small'
  | 'slot misplaced'
  | 'interference'
  | 'clobbered'
  | 'malformed move'
  | 'move too narrow'
  | 'scratch register holds a value'
  | 'wrong value'
  | 'stale value'
  | 'undefined value';

export interface Fault {
  readonly kind: FaultKind;
  /** Instruction at which it shows; for a move, the one it stands before. */
  readonly instruction: number;
  /** Index into `Problem.operands` of the operand that suffers, or -1. */
  readonly operand: number;
  readonly location: number;
  readonly expected: string;
  readonly found: string;
}

export interface Proof {
  readonly kind: 'proof';
  /** How many of each were checked. */
  readonly operands: number;
  readonly moves: number;
  readonly edges: number;
  /** Hash, in hex, of the virtual data flow as reconstructed from locations and moves: the same for every right allocation of one problem. */
  readonly fingerprint: string;
}

export interface Refutation {
  readonly kind: 'faults';
  readonly faults: readonly Fault[];
}

export type Verdict = Proof | Refutation;

/** `r7`, `i3` and `f2` for registers of the two classes, `s4` for slots. */
export function locationName(location: number): string {
  if (location < 0) return 'nowhere';
  if (location < 32) return `i${location}`;
  return location < 64 ? `f${location - 32}` : `s${location - 64}`;
}

/** One line for a reader: where, what, expected and found. */
export function describeFault(fault: Fault): string {
  const operand = fault.operand < 0 ? '' : ` operand ${fault.operand}`;
  return `instruction ${fault.instruction}${operand}: ${fault.kind} at ${locationName(fault.location)}: expected ${fault.expected}, found ${fault.found}`;
}

/** A proof of function `index` as a line of text. */
export function printProof(index: number, proof: Proof): string {
  return `proof function ${index}: operands ${proof.operands}, moves ${proof.moves}, edges ${proof.edges}, fingerprint ${proof.fingerprint}`;
}

/** Reads what `printProof` wrote; undefined when the line is none. */
export function maybeParseProof(line: string): { readonly index: number; readonly proof: Proof } | undefined {
  const match = /^proof function (\d+): operands (\d+), moves (\d+), edges (\d+), fingerprint ([0-9a-f]+)$/.exec(line);
  if (match === null) return undefined;
  const [, index, operands, moves, edges, fingerprint = ''] = match;
  return { index: Number(index), proof: { kind: 'proof', operands: Number(operands), moves: Number(moves), edges: Number(edges), fingerprint } };
}
