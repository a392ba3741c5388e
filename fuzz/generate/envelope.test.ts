// Envelopes are modules to any engine, give back what was put in, and know when the generator has moved on.

import { expect, test } from 'vitest';
import { byteChoices, type Choices, randomChoices } from './choices.ts';
import { emptyModule, generatorVersion, maybeOpenEnvelope, rebuild, sealEnvelope } from './envelope.ts';
import { generateModernModule, generateModule } from './module.ts';
import { generateInstructionModule } from './one-instruction.ts';
import { recordBytes } from './record-bytes.ts';

const generators = { modules: generateModule, instructions: generateInstructionModule, 'modules-3.0': generateModernModule } as const;

function envelopeOf(generator: keyof typeof generators, seed: number): { sealed: Uint8Array; module: Uint8Array } {
  const generate = generators[generator];
  const choices = randomChoices(seed);
  const module = generate(choices);
  const label = { generator, version: generatorVersion(generate), rounds: 3, novelties: ['rule iadd.imm'] };
  return { module, sealed: sealEnvelope({ label, module, choices: recordBytes(generate, choices.tape) }) };
}

test.for(Object.keys(generators) as (keyof typeof generators)[])('%s: the recorded bytes make the same module, and the envelope is as valid as the module', (generator) => {
  for (let seed = 100; seed < 130; seed++) {
    const { sealed, module } = envelopeOf(generator, seed);
    expect(WebAssembly.validate(sealed)).toBe(WebAssembly.validate(module));
    const envelope = maybeOpenEnvelope(sealed);
    if (envelope === undefined) throw new Error('no envelope');
    expect(envelope.module).toEqual(module);
    expect(envelope.label).toEqual({ generator, version: generatorVersion(generators[generator]), rounds: 3, novelties: ['rule iadd.imm'] });
    expect(rebuild(envelope, generators[generator])).toEqual({ module, isSame: true });
  }
});

test('a generator that makes something else of the choices is noticed, by version and by module', () => {
  const { sealed, module } = envelopeOf('modules', 5);
  const changed = (c: Choices): Uint8Array => {
    c.draw(2);
    return generateModule(c);
  };
  const envelope = maybeOpenEnvelope(sealed);
  if (envelope === undefined) throw new Error('no envelope');
  expect(envelope.label.version).not.toBe(generatorVersion(changed));
  const again = rebuild(envelope, changed);
  expect(again.isSame).toBe(false);
  expect(WebAssembly.validate(again.module)).toBe(true);
  expect(envelope.module).toEqual(module);
});

test('a module without the section is no envelope, and a broken section is an error that says so', () => {
  const { sealed, module } = envelopeOf('modules', 6);
  expect(maybeOpenEnvelope(module)).toBeUndefined();
  expect(maybeOpenEnvelope(emptyModule)).toBeUndefined();
  expect(maybeOpenEnvelope(Uint8Array.of(1, 2, 3))).toBeUndefined();
  const broken = sealed.slice();
  broken[Buffer.from(broken).indexOf('{"generator"')] = 0x20;
  expect(() => maybeOpenEnvelope(broken)).toThrow('begins with no label');
});

test('bytes that were recorded and then changed still make a valid module', () => {
  const choices = randomChoices(11);
  generateModule(choices);
  const bytes = recordBytes(generateModule, choices.tape);
  for (let at = 0; at < bytes.length; at += 7) expect(WebAssembly.validate(generateModule(byteChoices(bytes.with(at, (bytes[at] ?? 0) ^ 0x55))))).toBe(true);
});
