// Function names from the custom name section, for people.
// Chapter: "Appendix", section "Custom Sections and Annotations", "Name Section". A malformed name section is ignored, as the standard asks.
import type { Module } from './syntax.ts';
import { Reader } from './reader.ts';
import { MalformedModule } from './outcome.ts';

const FUNCTION_NAMES = 1;
const cache = new WeakMap<Module, ReadonlyMap<number, string>>();

/** Function index → name. */
export function functionNames(module: Module): ReadonlyMap<number, string> {
  const known = cache.get(module);
  if (known !== undefined) return known;
  const names = new Map<number, string>();
  const section = module.customs.find((custom) => custom.name === 'name');
  if (section !== undefined) {
    try {
      readNames(new Reader(module.bytes, section.start, section.end), names);
    } catch (error) {
      if (!(error instanceof MalformedModule)) throw error;
    }
  }
  cache.set(module, names);
  return names;
}

function readNames(r: Reader, names: Map<number, string>): void {
  while (!r.atEnd()) {
    const id = r.byte();
    const size = r.u32();
    const next = r.pos + size;
    if (id === FUNCTION_NAMES) {
      for (let count = r.length(); count > 0; count--) names.set(r.u32(), r.name());
    }
    r.pos = next;
  }
}
