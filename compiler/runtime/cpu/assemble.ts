// Machine code of the runtime's own stubs, from assembly text: lines as the listing of the instruction rows prints them,
// `name:` for a label, and `@name` where a branch goes to one. Branches have one length, so that two rounds place everything.

import { bug } from '../../base/errors.ts';
import { assembleLines } from '../../isa/x86-64/listing.ts';

export interface Assembled {
  readonly code: Uint8Array;
  /** Byte offsets. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Assembles position-independent code. */
export function assemble(lines: readonly string[]): Assembled {
  const labels = new Map<string, number>();
  for (const line of lines) if (line.endsWith(':')) labels.set(line.slice(0, -1), 0);
  place(lines, labels);
  return { code: place(lines, labels), labels };
}

/** One round: assembles with the labels as they are and notes where they turned out to be. */
function place(lines: readonly string[], labels: Map<string, number>): Uint8Array {
  const bytes: number[] = [];
  for (const line of lines) {
    if (line.endsWith(':')) {
      labels.set(line.slice(0, -1), bytes.length);
      continue;
    }
    const text = line.replace(/@([\w.]+)/, (_, name: string) => hex(labels.get(name) ?? bug(`no label ${name}`)));
    bytes.push(...assembleLines([text], bytes.length));
  }
  return Uint8Array.from(bytes);
}

/** A number as operands are written. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
