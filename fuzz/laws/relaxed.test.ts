// Relaxed vector instructions as they are generated: whatever an engine chooses among the permitted results, all agree; anything else is seen.

import { expect, test } from 'vitest';
import { Choices, RandomSource } from '../generate/choices.ts';
import { generateVectorInstructionModule } from '../generate/one-instruction.ts';
import { allVectorInstructions, isRelaxed, relaxedInstructions } from '../generate/relaxed-instructions.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { engineNamed } from '../oracles/engines/interpreter.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { vote } from '../oracles/vote.ts';

/** A module about the instruction with a number. */
function moduleFor(row: number, seed: number): Uint8Array {
  const random = new RandomSource(seed);
  let isFirst = true;
  return generateVectorInstructionModule(new Choices({
    next: (n) => {
      if (!isFirst) return random.next(n);
      isFirst = false;
      return row;
    },
  }));
}

/** The module with every use of one relaxed instruction replaced by another. */
function replaced(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i + 2 < copy.length; i++) if (copy[i] === 0xfd && copy[i + 1] === ((from & 0x7f) | 0x80) && copy[i + 2] === from >> 7) copy[i + 1] = (to & 0x7f) | 0x80;
  return copy;
}

const rows = allVectorInstructions.flatMap((row, index) => (isRelaxed(row) ? [{ row, index }] : []));
const none = { fmadd: 0, fmin: 0, fmax: 0, idot: 0, iq15mulr: 0, truncU: 0, truncS: 0, swizzle: 0, laneselect: 0 } as const;

test('every choice that the standard leaves is one behaviour', async () => {
  const engines: Engine[] = [
    await openEngine('interp'), await openEngine('v8'), await openEngine('interp:relaxed-x86'),
    engineNamed('first', { ...none, fmadd: 1, fmin: 1, fmax: 1, truncU: 2, idot: 1 }), engineNamed('third', { ...none, fmin: 3, fmax: 3, truncU: 3, truncS: 1, iq15mulr: 1 }),
    engineNamed('operands', { ...none, fmin: 2, fmax: 2, truncU: 1, swizzle: 1, laneselect: 1 }),
  ];
  const details: string[] = [];
  for (const { row, index } of rows) {
    const bytes = moduleFor(index, index);
    const plan = planFor(bytes, 100);
    const { verdict, detail } = vote(engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) })), plan);
    if (verdict !== 'agree') details.push(`${row.name}: ${detail ?? verdict}`);
  }
  expect(rows.length).toBe(20);
  expect(details).toEqual([]);
});

test('another instruction in its place is seen', async () => {
  const interpreter = await openEngine('interp');
  const unseen: string[] = [];
  for (const { row, index } of rows) {
    // The interpreter selects bit by bit, whatever the shape: those four are the same to it.
    const isSelection = row.name.endsWith('laneselect');
    const others = relaxedInstructions.filter((other) => other !== row && other.params.length === row.params.length && !(isSelection && other.name.endsWith('laneselect')));
    for (const other of others) {
      const bytes = moduleFor(index, index);
      const plan = planFor(bytes, 100);
      const wrong = replaced(bytes, row.code & 0xffff, other.code & 0xffff);
      const ballots = [bytes, wrong].map((module) => ({ engine: 'interp', behaviour: observe(interpreter, module, plan) }));
      if (vote(ballots, plan).verdict !== 'disagree') unseen.push(`${other.name} for ${row.name}`);
    }
  }
  expect(unseen).toEqual([]);
});
