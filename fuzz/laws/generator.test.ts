// Laws of the module generator: total, deterministic, always valid, and shrinking to the point.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { validate as validateByCompiler } from '../../compiler/index.ts';
import * as interpreter from '../../interpreter/index.ts';
import { arbitrary } from '../generate/arbitrary.ts';
import { byteChoices, type Choices, randomChoices, tapeChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { generateInstructionModule, generateVectorInstructionModule, instructionCount, instructionModule } from '../generate/one-instruction.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { vote } from '../oracles/vote.ts';
import { readModuleInterface } from '../oracles/module-interface.ts';
import { openWabt } from '../oracles/wabt.ts';

const seed = 20;
const wabt = await openWabt();

/** Who of those that know Wasm 3.0 refuses a module, and why; empty when nobody does. */
function refusalsOfModern(bytes: Uint8Array): string[] {
  const found: string[] = [];
  if (!WebAssembly.validate(new Uint8Array(bytes))) found.push('v8');
  const decoded = interpreter.decode(bytes);
  if (decoded.kind === 'malformed') found.push(`interpreter: ${decoded.message}`);
  else {
    const checked = interpreter.validate(decoded);
    if ('message' in checked) found.push(`interpreter: ${checked.message}`);
  }
  return found;
}

/** Who refuses a module, and why; empty when nobody does. */
function refusals(bytes: Uint8Array): string[] {
  const found = refusalsOfModern(bytes);
  const fault = validateByCompiler(bytes);
  if (fault !== undefined) found.push(`compiler: ${fault.message}`);
  const opinion = wabt(bytes, readModuleInterface(bytes));
  if (opinion.kind === 'invalid') found.push(`wabt: ${opinion.message}`);
  return found;
}

function expectAccepted(bytes: Uint8Array): void {
  expect(refusals(bytes)).toEqual([]);
}

test('what is generated is valid for every validator', () => {
  fc.assert(fc.property(arbitrary(generateModule), (bytes) => expectAccepted(bytes)), { seed, numRuns: 400 });
  for (let row = 0; row < instructionCount; row++) expectAccepted(instructionModule(randomChoices(row), row));
});

test('what is generated of Wasm 3.0 is valid for V8 and the interpreter', () => {
  const expectModern = (bytes: Uint8Array): void => {
    expect(refusalsOfModern(bytes)).toEqual([]);
  };
  fc.assert(fc.property(arbitrary(generateModernModule), expectModern), { seed, numRuns: 600 });
  fc.assert(fc.property(arbitrary(generateVectorInstructionModule), expectModern), { seed, numRuns: 600 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
    expectModern(generateModernModule(byteChoices(bytes)));
  }), { seed, numRuns: 200 });
});

test('interpreter and V8 agree on modules of Wasm 3.0', async () => {
  const engines = [await openEngine('interp'), await openEngine('v8')];
  const verdicts = { agree: 0, disagree: 0, incomparable: 0 };
  for (let number = 0; number < 300; number++) {
    const build = number % 3 === 2 ? generateVectorInstructionModule : generateModernModule;
    const bytes = build(randomChoices(number));
    const plan = planFor(bytes);
    verdicts[vote(engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) })), plan).verdict]++;
  }
  expect(verdicts.disagree).toBe(0);
  expect(verdicts.agree).toBeGreaterThan(280);
});

test('the compiler refuses features of Wasm 3.0 by name, or does not meet them', () => {
  for (let number = 0; number < 200; number++) {
    const fault = validateByCompiler(generateModernModule(randomChoices(number)));
    expect(fault === undefined || fault.kind === 'unsupported' ? '' : fault.message).toBe('');
  }
});

test('any bytes give a valid module, and none give a small one', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => expectAccepted(generateModule(byteChoices(bytes)))), { seed, numRuns: 200 });
  expect(generateModule(byteChoices(new Uint8Array())).length).toBeLessThan(200);
});

test('a tape replays what it recorded, whatever the source was', () => {
  const replays = (build: (c: Choices) => Uint8Array, choices: Choices): void => {
    const bytes = build(choices);
    const again = tapeChoices(choices.tape);
    expect(Buffer.compare(build(again), bytes)).toBe(0);
    expect(again.tape).toEqual(choices.tape);
  };
  for (let number = 0; number < 100; number++) {
    replays(generateModule, randomChoices(number));
    replays(generateInstructionModule, randomChoices(number));
    replays(generateModernModule, randomChoices(number));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => replays(generateModule, byteChoices(bytes))), { seed, numRuns: 100 });
});

test('sections keep changes local: another byte in the last function leaves the first alone', () => {
  const build = (c: Choices): number[][] => [0, 1].map(() => c.section(() => Array.from({ length: 4 }, () => c.draw(256))));
  const bytes = Uint8Array.of(4, 0, 1, 2, 3, 4, 4, 0, 5, 6, 7, 8);
  expect(build(byteChoices(bytes))).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]);
  expect(build(byteChoices(bytes.with(2, 99)))).toEqual([[99, 2, 3, 4], [5, 6, 7, 8]]);
  expect(build(byteChoices(Uint8Array.of(1, 0, 1, 4, 0, 5, 6, 7, 8)))).toEqual([[1, 0, 0, 0], [5, 6, 7, 8]]);
});

test('a failing module shrinks to the least that fails', () => {
  // i32.rotl, as an opcode between others: any byte 0x77 that V8 disassembles would do, so the property asks for the mnemonic's effect on size only.
  const hasDivision = (bytes: Uint8Array): boolean => bytes.includes(0x6d) && bytes.includes(0x02);
  const result = fc.check(fc.property(arbitrary(generateModule), (bytes) => !hasDivision(bytes)), { seed, numRuns: 500 });
  expect(result.failed).toBe(true);
  const [smallest] = result.counterexample ?? [];
  expect(smallest === undefined ? 0 : smallest.length).toBeLessThan(160);
  expect(result.numShrinks).toBeLessThan(400);
});

test('modules of Wasm 3.0 import and hold what the host can make of it', () => {
  const seen = { ownFunctions: 0, groupedFunctions: 0, tags: 0, referenceGlobals: 0, referenceTables: 0, exceptionTables: 0 };
  const isOfAny = (type: string): boolean => /^(?:any|eq|i31|struct|array)ref$/.test(type);
  for (let number = 0; number < 600; number++) {
    const shape = readModuleInterface(generateModernModule(randomChoices(number)));
    for (const { kind, index } of shape.imports) {
      const type = kind === 'function' ? shape.types[shape.functions[index] ?? -1] : undefined;
      if (type !== undefined && !type.simple) {
        if ([...type.params, ...type.results].some((text) => text.includes('$'))) seen.ownFunctions++;
        else seen.groupedFunctions++;
      }
      if (kind === 'tag') seen.tags++;
      if (kind === 'global' && isOfAny(shape.globals[index]?.type ?? '')) seen.referenceGlobals++;
      if (kind === 'table' && isOfAny(shape.tables[index]?.element ?? '')) seen.referenceTables++;
    }
    if (shape.tables.some(({ element }) => element === 'exnref')) seen.exceptionTables++;
  }
  expect(Object.entries(seen).filter(([, count]) => count < 3)).toEqual([]);
});

test('modules differ, and use what they may', () => {
  const seen = new Set<string>();
  let imports = 0;
  let severalMemories = 0;
  let total = 0;
  for (let number = 0; number < 300; number++) {
    const bytes = generateModule(randomChoices(number));
    total += bytes.length;
    seen.add(Buffer.from(bytes).toString('latin1'));
    const shape = readModuleInterface(bytes);
    if (shape.imports.length > 0) imports++;
    if (shape.memories.length > 1) severalMemories++;
  }
  expect(seen.size).toBe(300);
  expect(imports).toBeGreaterThan(100);
  expect(severalMemories).toBeGreaterThan(20);
  expect(total / 300).toBeGreaterThan(500);
  expect(total / 300).toBeLessThan(1500);
});
