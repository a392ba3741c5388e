// Instruments the compiler's sources while Node loads them: types are stripped in place, counters put in, and the result is kept by the hash of what it
// was made from, so that only changed files cost anything.
//
// Generators inside the compiler are left as they are: what makes a case is not what is tested.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Counters } from './counters.ts';
import { edgeKinds, fetchCounters, instrument, type Edge, type Instrumented } from './instrument.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cacheFolder = join(root, 'node_modules', '.cache', 'assay-edges');
const ownSource = readFileSync(fileURLToPath(new URL('instrument.ts', import.meta.url)));

/** Path below the repository of a source that is instrumented; undefined for every other file. */
export function maybeInstrumented(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  if (!path.startsWith(join(root, 'compiler/')) || !path.endsWith('.ts')) return undefined;
  const name = path.slice(root.length);
  return /\/testing\/|\/random-|[.]test[.]ts$/.test(name) ? undefined : name;
}

function isInstrumented(value: unknown): value is Instrumented {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && 'edges' in value && Array.isArray(value.edges)
    && value.edges.every((edge: unknown) => typeof edge === 'object' && edge !== null && 'kind' in edge && edgeKinds.some((kind) => kind === edge.kind));
}

/** A file of the repository, instrumented; from the cache where it has not changed. */
export function instrumentFile(name: string): Instrumented {
  const source = readFileSync(join(root, name));
  const key = createHash('sha256').update(ownSource).update(name).update('\0').update(source).digest('hex').slice(0, 32);
  const kept = join(cacheFolder, `${key}.json`);
  if (existsSync(kept)) {
    const value: unknown = JSON.parse(readFileSync(kept, 'utf8'));
    if (isInstrumented(value)) return value;
  }
  const made = instrument(stripTypeScriptTypes(source.toString('utf8'), { mode: 'strip' }), name);
  mkdirSync(cacheFolder, { recursive: true });
  const partial = `${kept}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(made));
  renameSync(partial, kept);
  return made;
}

/** From now on the compiler's modules are loaded with counters. Answers the edges of each, filled as modules come in. */
export function instrumentWhatIsLoaded(counters: Counters): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, readonly Edge[]>();
  Reflect.set(globalThis, fetchCounters, (name: string, count: number) => counters.partOf(name, count));
  registerHooks({
    load: (url, context, nextLoad) => {
      const name = maybeInstrumented(url);
      if (name === undefined) return nextLoad(url, context);
      const made = instrumentFile(name);
      edges.set(name, made.edges);
      return { format: 'module', source: made.code, shortCircuit: true };
    },
  });
  return edges;
}
