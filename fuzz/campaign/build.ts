// Names the state of the sources: corpus entries that were run with another state are run again when a session begins.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

let known: string | undefined;

/** A digest of every source that a campaign runs, with Node's version and the planted fault. */
export function buildOf(fault: string | undefined): string {
  if (known === undefined) {
    const hash = createHash('sha1').update(process.version);
    for (const file of globSync('{compiler,interpreter,fuzz}/**/*.ts', { cwd: root }).sort()) {
      if (!file.endsWith('.test.ts')) hash.update(file).update(readFileSync(join(root, file)));
    }
    known = hash.digest('hex').slice(0, 16);
  }
  return fault === undefined ? known : `${known} ${fault}`;
}
