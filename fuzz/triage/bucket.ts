// What makes two findings the same fault, once it is known where the fault sits: the root cause's key, and the name of its folder.
//
//   class . engine . stage . guilty part [. fingerprint]          behaviour.x86-64.select.sshr     crash.compiler.simplify.<digest>
//
// At discovery a signature is made of what a campaign knows at once (signature.ts): kind of difference, engine, level. One wrong rule then has many of
// them: a wrong result here, a wrong global there. The key takes the symptom by its class alone, and names stage and guilty part; stages that all
// targets share belong to `compiler`, not to the engine that happened to show them, and options of an engine are circumstances.
// Where nothing is to be located (an engine of somebody else's stands alone, a worker died), the signature of the discovery stands.

import { maybeTargetOfEngine } from '../oracles/engine-name.ts';
import type { Location } from '../oracles/levels.ts';
import { signatureOf } from './signature.ts';

/** Symptoms that one cause may show by turns. */
function classOf(kind: string): string {
  return ['result', 'outcome', 'memory', 'global', 'table', 'host-calls', 'output', 'start', 'trap-kind'].includes(kind) ? 'behaviour' : kind;
}

const ownStages: readonly string[] = ['select', 'allocate', 'emit'];

export interface Symptom {
  readonly kind: string;
  readonly odd: string | undefined;
  /** Of what was thrown, if something was: see `normaliseError`; else empty. */
  readonly fingerprint: string;
}

/** The root cause's signature; undefined where nothing was located. */
export function bucketOf({ kind, odd, fingerprint }: Symptom, location: Pick<Location, 'level' | 'rule' | 'engine'> | undefined): string | undefined {
  if (location === undefined) return undefined;
  const engine = location.engine ?? odd;
  const target = engine === undefined ? undefined : maybeTargetOfEngine(engine);
  const place = ownStages.includes(location.level) ? (target ?? 'compiler') : 'compiler';
  const level = location.rule === undefined ? location.level : `${location.level} ${ruleWords(location)}`;
  // A named part tells faults apart better than a message does.
  return signatureOf({ kind: classOf(kind), engine: place, level, fingerprint: location.rule === undefined ? fingerprint : '' }).replace(`${location.level}-`, `${location.level}.`);
}

/** A simplification's name without the pass's, which stands before it. */
function ruleWords({ rule }: Pick<Location, 'rule'>): string {
  return (rule ?? '').replace(/^simplify\//, '');
}
