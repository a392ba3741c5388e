// Machine code of the runtime's own stubs, from assembly text: lines as the listing of the instruction rows prints them,
// `name:` for a label, and `@name` where a branch goes to one. A branch's length depends on its distance, so lines are placed again and again
// until no label moves.

import { bug } from '../../base/errors.ts';

export interface Assembled {
  readonly code: Uint8Array;
  /** Byte offsets. */
  readonly labels: ReadonlyMap<string, number>;
}

/** The bytes of lines, the first of them at `start`. */
export type Assembler = (lines: readonly string[], start: number) => Uint8Array;

/** Assembles position-independent code; `assembler` reads the lines of an ISA. */
export function assemble(lines: readonly string[], assembler: Assembler): Assembled {
  const labels = new Map<string, number>();
  for (const line of lines) if (line.endsWith(':')) labels.set(line.slice(0, -1), 0);
  for (let round = 0; round < mostRounds; round++) {
    const { code, moved } = place(lines, labels, assembler);
    if (!moved) return { code, labels };
  }
  return bug('branches of a stub do not settle');
}

const mostRounds = 20;

/** One round: assembles with the labels as they are and notes where they turned out to be. */
function place(lines: readonly string[], labels: Map<string, number>, assembler: Assembler): { readonly code: Uint8Array; readonly moved: boolean } {
  const bytes: number[] = [];
  let moved = false;
  for (const line of lines) {
    if (line.endsWith(':')) {
      const label = line.slice(0, -1);
      if (labels.get(label) !== bytes.length) moved = true;
      labels.set(label, bytes.length);
      continue;
    }
    const text = line.replace(/@([\w.]+)/, (_, name: string) => hex(labels.get(name) ?? bug(`no label ${name}`)));
    bytes.push(...assembler([text], bytes.length));
  }
  return { code: Uint8Array.from(bytes), moved };
}

/** A number as operands are written. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
