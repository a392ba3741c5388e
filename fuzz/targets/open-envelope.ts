// What an envelope says about itself, held against the generators there are now.

import { type Envelope, generatorVersion, maybeOpenEnvelope, rebuild } from '../generate/envelope.ts';
import { maybeModuleTarget } from './index.ts';

export interface OpenedEnvelope {
  readonly envelope: Envelope;
  /** Whether the generator of that name makes the same module of the choices today; undefined when there is no such generator. */
  readonly isSame: boolean | undefined;
  /** One line for people. */
  readonly about: string;
}

/** Opens an envelope and makes its module anew; undefined for a module that is none. Throws `RangeError` on a broken one. */
export function maybeOpened(bytes: Uint8Array): OpenedEnvelope | undefined {
  const envelope = maybeOpenEnvelope(bytes);
  if (envelope === undefined) return undefined;
  const { generator, version } = envelope.label;
  if (envelope.choices.length === 0) return { envelope, isSame: undefined, about: `an envelope of the target ${generator}, around a mutant that no choices make` };
  const generate = maybeModuleTarget(generator)?.generate;
  const isSame = generate === undefined ? undefined : rebuild(envelope, generate).isSame;
  const now = generate === undefined ? 'there is no such generator now' : isSame ? 'which makes the same of its choices today' : `which has changed since (version ${generatorVersion(generate)} today) and makes another module of its choices`;
  return { envelope, isSame, about: `an envelope: made by ${generator}, version ${version}, ${now}` };
}
