// Fuel by hand: what a program consumes is counted on paper, and every engine that counts says the same; one unit less, and it runs out.

import { expect, test } from 'vitest';
import { randomChoices } from '../../generate/choices.ts';
import { generateInstructionModule } from '../../generate/one-instruction.ts';
import { parseText } from '../../wast/text.ts';
import type { EngineInstance, EngineStore } from '../engine.ts';
import { openEngine } from '../engines/index.ts';
import { fuelParity } from './fuel-parity.ts';

const text = `(module (memory (export "m") 1)
  (func (export "loop") (param i32) (result i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
  (func $two (result i32) (i32.const 7) (nop))
  (func (export "call") (param i32) (result i32) (block (drop (call $two)) (br_if 0 (local.get 0)) (return (i32.const 1))) (i32.const 2))
  (func (export "leave") (param i32) (result i32) (i32.const 5) (br_if 0 (local.get 0)) (drop) (i32.const 6) (br_table 0 0 0 (local.get 0)))
  (func (export "trap") (param i32) (result i32) (i32.store8 (i32.const 0) (i32.const 9)) (i32.div_u (i32.const 1) (local.get 0)) (i32.store8 (i32.const 0) (i32.const 10)))
  (func (export "arms") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1) (nop)) (else (i32.add (i32.const 1) (i32.const 1))))))`;

/** Function, argument, and the instructions executed: structure costs nothing, a function's closing `end` costs 1. */
const counted: readonly (readonly [string, number, number])[] = [
  // Five a round; then local.get, end.
  ['loop', 1, 7],
  ['loop', 100, 502],
  // call, i32.const, end, drop, local.get, br_if; then i32.const, end, or i32.const, return.
  ['call', 1, 8],
  ['call', 0, 8],
  // i32.const, local.get, br_if to the end, end; or not taken, drop, i32.const, local.get, br_table, end.
  ['leave', 1, 4],
  ['leave', 0, 8],
  // i32.const, i32.const, i32.store8, i32.const, local.get, i32.div_u, which traps.
  ['trap', 0, 6],
  // local.get, if, one constant or three instructions, end.
  ['arms', 1, 4],
  ['arms', 0, 6],
];

async function open(name: string, bytes: Uint8Array, fuel: number): Promise<{ readonly store: EngineStore; readonly instance: EngineInstance }> {
  const store = (await openEngine(name)).openStore({ fuel });
  const compiled = store.compile(bytes);
  if (compiled.kind !== 'compiled') throw new Error(compiled.kind);
  const made = store.instantiate(compiled.module, () => undefined);
  if (made.kind !== 'instance') throw new Error(made.kind);
  return { store, instance: made.instance };
}

test.for(['interp', 'ir', 'ir:explicit', 'ir-opt', 'x86-64', 'x86-64:none', 'x86-64:backtracking', 'x86-64-isolated', 'aarch64', 'riscv64'])('%s counts as on paper', async (name, { skip }) => {
  const availability = (await openEngine(name)).availability();
  if (!availability.available) skip(availability.reason);
  const module = await parseText(text);
  if (module.kind === 'malformed') throw new Error(module.message);
  for (const [func, argument, cost] of counted) {
    const called = async (fuel: number): Promise<{ kind: string; used: number | undefined; byte: number | undefined }> => {
      const { store, instance } = await open(name, module.bytes, fuel);
      const { kind } = instance.invoke(func, [{ type: 'i32', bits: argument }]);
      const answer = { kind, used: store.fuelUsed?.(), byte: instance.memory('m').bytes()[0] };
      store.dispose();
      return answer;
    };
    const byte = func === 'trap' ? 9 : 0;
    expect({ func, ...(await called(cost)) }).toEqual({ func, kind: func === 'trap' ? 'trap' : 'values', used: cost, byte });
    expect({ func, ...(await called(cost - 1)) }).toEqual({ func, kind: 'exhaustion', used: cost - 1, byte });
    // What can be paid for has happened, and nothing else.
    if (func === 'trap') expect(await called(2)).toEqual({ kind: 'exhaustion', used: 2, byte: 0 });
  }
});

test('every instruction costs the same on all of them', async () => {
  for (let number = 0; number < 40; number++) expect(await fuelParity.ask(generateInstructionModule(randomChoices(number)), number, [])).not.toMatchObject({ verdict: 'disagree' });
});
