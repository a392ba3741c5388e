// Function names from the custom section "name" (standard, appendix "Name Section"). Names serve people only, so nothing here is an error:
// what cannot be read ends the reading, and what was read before it stays.

import { InvalidModule } from '../base/errors.ts';
import { BinaryReader } from './binary-reader.ts';
import type { Module } from './module.ts';

const functionNames = 1;

/** Names by function index; the first name section counts. */
export function functionNamesOf(module: Module): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const section = module.customSections.find((custom) => custom.name === 'name');
  if (section === undefined) return names;
  const input = new BinaryReader(module.bytes, section.start, section.end);
  try {
    while (input.position < section.end) {
      const id = input.u8();
      const start = input.skipBytes();
      if (id === functionNames) readNames(new BinaryReader(module.bytes, start, input.position), names);
    }
  } catch (error) {
    if (!(error instanceof InvalidModule)) throw error;
  }
  return names;
}

function readNames(input: BinaryReader, names: Map<number, string>): void {
  for (let count = input.count(); count > 0; count--) {
    const index = input.u32();
    names.set(index, input.name());
  }
}
