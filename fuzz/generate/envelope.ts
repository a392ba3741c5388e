// Envelopes: a module with the choices that made it, in a custom section at its end. What corpora hold.
//
// Any engine reads an envelope as the module it is, so a corpus outlives every change of the generators; as long as the generator still makes the same of the
// choices, they can be mutated with full meaning, and when it no longer does, best-effort: they still make something valid. `rebuild` tells which holds.
// What is not a module (an allocation problem, say) is an envelope around the empty module.
//
// The section's name is `assay.choices`; its contents: length of the label (LEB128), the label (JSON, so that fields can be added), the choices as bytes
// (see record-bytes.ts). Behaviour is always taken of the module without the section, since a plan of calls depends on a module's bytes.

import { createHash } from 'node:crypto';
import { byteChoices, type Choices, randomChoices } from './choices.ts';
import { ByteWriter, moduleHeader } from './writer.ts';

export interface EnvelopeLabel {
  /** The target whose generator made it. */
  readonly generator: string;
  /** Of that generator, as `generatorVersion` tells it. */
  readonly version: string;
  /** Rounds of calls with which the module was run. */
  readonly rounds: number;
  /** Why a campaign kept it: what it was the first to show. */
  readonly novelties: readonly string[];
}

export interface Envelope {
  readonly label: EnvelopeLabel;
  /** Without the section. */
  readonly module: Uint8Array;
  readonly choices: Uint8Array;
}

const sectionName = 'assay.choices';

/** Around which an envelope is put when there is no module. */
export const emptyModule: Uint8Array = (() => {
  const out = new ByteWriter();
  moduleHeader(out);
  return out.copy();
})();

export function sealEnvelope({ label, module, choices }: Envelope): Uint8Array {
  const section = new ByteWriter();
  section.name(sectionName);
  const text = new TextEncoder().encode(JSON.stringify(label));
  section.u32(text.length);
  section.bytes(text);
  section.bytes(choices);
  const out = new ByteWriter();
  out.bytes(module);
  out.u8(0);
  out.sized(section.view());
  return out.copy();
}

/** Reads LEB128 at a place; undefined when the bytes end before the number does. */
function maybeNumberAt(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}

function isLabel(value: unknown): value is EnvelopeLabel {
  if (typeof value !== 'object' || value === null) return false;
  const { generator, version, rounds, novelties }: Record<string, unknown> = { ...value };
  return typeof generator === 'string' && typeof version === 'string' && typeof rounds === 'number' && Number.isInteger(rounds) && rounds > 0 && Array.isArray(novelties) && novelties.every((novelty) => typeof novelty === 'string');
}

/** What an envelope holds; undefined for a module that is none. Throws `RangeError`, with the reason, when the section is there but cannot be read. */
export function maybeOpenEnvelope(bytes: Uint8Array): Envelope | undefined {
  for (let at = emptyModule.length; at < bytes.length; ) {
    const start = at;
    const size = maybeNumberAt(bytes, at + 1);
    if (size === undefined) return undefined;
    at = size.next + size.value;
    const name = bytes[start] === 0 && at <= bytes.length ? maybeNumberAt(bytes, size.next) : undefined;
    if (name === undefined || name.value !== sectionName.length || Buffer.from(bytes.subarray(name.next, name.next + name.value)).toString('latin1') !== sectionName) continue;
    const length = maybeNumberAt(bytes, name.next + name.value);
    if (length === undefined || length.next + length.value > at) throw new RangeError('the section of choices ends inside its label');
    const label = maybeJson(bytes.subarray(length.next, length.next + length.value));
    if (!isLabel(label)) throw new RangeError('the section of choices begins with no label: generator, version, rounds, novelties');
    const module = new Uint8Array(Buffer.concat([bytes.subarray(0, start), bytes.subarray(at)]));
    return { label, module, choices: bytes.slice(length.next + length.value, at) };
  }
  return undefined;
}

function maybeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Whether the generator still makes the envelope's module of the envelope's choices. */
export function rebuild(envelope: Envelope, generate: (c: Choices) => Uint8Array): { readonly module: Uint8Array; readonly isSame: boolean } {
  const module = generate(byteChoices(envelope.choices));
  return { module, isSame: Buffer.compare(module, envelope.module) === 0 };
}

const sampleSeeds = 16;
const versions = new WeakMap<(c: Choices) => Uint8Array, string>();

/** Names a generator by what it does: a digest of what it makes of fixed seeds. Nobody has to remember to raise it. */
export function generatorVersion(generate: (c: Choices) => Uint8Array): string {
  let version = versions.get(generate);
  if (version === undefined) {
    const hash = createHash('sha1');
    for (let seed = 1; seed <= sampleSeeds; seed++) hash.update(generate(randomChoices(seed)));
    version = hash.digest('hex').slice(0, 12);
    versions.set(generate, version);
  }
  return version;
}
