// Mutants as a generator of modules: a generated module, and some mutations of it.

import { decodeForEditing } from '../edit/decode.ts';
import { encodeEdited } from '../edit/encode.ts';
import type { EditModule } from '../edit/module.ts';
import type { Choices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { mutated } from './index.ts';

/** The editable form of what a generator made. */
export function generatedForEditing(bytes: Uint8Array): EditModule {
  const m = decodeForEditing(bytes);
  if ('kind' in m) throw new Error(`a generator made a malformed module: ${m.message}`);
  return m;
}

export function generateMutant(c: Choices): Uint8Array {
  const original = c.section(() => generateModule(c));
  return encodeEdited(mutated(c, generatedForEditing(original)).m);
}
