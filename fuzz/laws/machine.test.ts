// Laws of the machine levels over generated modules: every text reads back to itself, every allocation is proved, emitted bytes say what was allocated,
// and equal input gives equal bytes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { applyAllocation, type CompileOptions, type Level, maybeParseProof, parseVcode, printAllocated, printProof, printVcode } from '../../compiler/inside.ts';
import { arbitrary } from '../generate/arbitrary.ts';
import { generateModule } from '../generate/module.ts';
import { emissionFault } from '../oracles/emission.ts';
import { readModuleInterface } from '../oracles/module-interface.ts';

const configurations: readonly CompileOptions[] = [{ opt: 'speed' }, { opt: 'none', bounds: 'explicit' }, { opt: 'speed', features: [] }];

/** Runs a check on modules in every configuration. */
function everyModule(seed: number, check: (bytes: Uint8Array, options: CompileOptions) => void): void {
  for (const options of configurations) fc.assert(fc.property(arbitrary(generateModule), (bytes) => check(bytes, options)), { seed, numRuns: 60 });
}

function compiled(bytes: Uint8Array, options: CompileOptions): Extract<ReturnType<typeof compile>, { readonly ok: true }> {
  const result = compile(bytes, { target: 'x86-64', ...options });
  if (!result.ok) throw new Error(result.fault.message);
  return result;
}

test('vcode, allocated code and machine code read back to what was printed', () => {
  const options = { origins: true };
  const inspect = (_stage: string, _index: number, level: Level): void => {
    if (level.level === 'vcode') {
      const text = printVcode(level.target, level.vcode, options);
      expect(printVcode(level.target, parseVcode(level.target, text).vcode, options)).toBe(text);
    } else if (level.level === 'allocation') {
      const text = printAllocated(level.target, applyAllocation(level.vcode, level.stated, level.allocation), options);
      const { allocated } = parseVcode(level.target, text);
      expect(allocated === undefined ? '' : printAllocated(level.target, allocated, options)).toBe(text);
    } else if (level.level === 'code') {
      const lines = level.target.listCode(level.bytes, 0, level.bytes.length).map((line) => line.text);
      expect(Buffer.compare(level.target.assembleLines(lines, 0), level.bytes)).toBe(0);
    }
  };
  everyModule(31, (bytes, configuration) => void compiled(bytes, { ...configuration, inspect }));
});

test('every allocation is proved, and proofs read back', () => {
  everyModule(32, (bytes, options) => {
    const { proofs } = compiled(bytes, { ...options, check: true });
    const shape = readModuleInterface(bytes);
    expect(proofs.length).toBe(shape.functions.length - shape.imports.filter(({ kind }) => kind === 'function').length);
    for (const { index, proof } of proofs) expect(maybeParseProof(printProof(index, proof))).toEqual({ index, proof });
  });
});

test('emitted bytes decode to the instructions that were allocated', () => {
  everyModule(33, (bytes, options) => expectNothing(emissionFault(bytes, options)?.text));
});

function expectNothing(fault: string | undefined): void {
  expect(fault).toBeUndefined();
}

test('equal input gives equal code', () => {
  everyModule(34, (bytes, options) => {
    const first = compiled(bytes, options).artifact;
    const second = compiled(bytes, options).artifact;
    expect(Buffer.compare(first.code, second.code)).toBe(0);
    expect(first.traps).toEqual(second.traps);
  });
});
