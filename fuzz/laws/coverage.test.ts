// What generated modules exercise: instructions of the tables are executed, calls mostly end in values, and nothing is refused.

import { expect, test } from 'vitest';
import { atomicInstructions } from '../generate/atomic-instructions.ts';
import { type Choices, randomChoices } from '../generate/choices.ts';
import { loads, plainInstructions, stores } from '../generate/instructions.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { relaxedInstructions } from '../generate/relaxed-instructions.ts';
import { vectorAccesses, vectorInstructions } from '../generate/vector-instructions.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';

interface Statistics {
  readonly executed: ReadonlySet<string>;
  readonly refused: number;
  readonly calls: number;
  /** Calls by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const interpreter = await openEngine('interp');

/** One round of calls of modules `0…count-1`, traced. */
function statisticsOf(build: (c: Choices) => Uint8Array, count: number): Statistics {
  const executed = new Set<string>();
  const outcomes: Record<string, number> = {};
  let refused = 0;
  let calls = 0;
  // A line is the function, the offset, the opcode, the operands.
  const trace = (line: string): void => {
    const opcode = /@\d+ (\S+)/.exec(line)?.[1];
    if (opcode !== undefined) executed.add(opcode);
  };
  for (let number = 0; number < count; number++) {
    const bytes = build(randomChoices(number));
    const behaviour = observe(interpreter, bytes, planFor(bytes, 1), { trace });
    if (behaviour.kind === 'refused') refused++;
    if (behaviour.kind !== 'ran') continue;
    calls += behaviour.outcomes.length;
    for (const { kind } of behaviour.outcomes) outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
  return { executed, refused, calls, outcomes };
}

// `block`, `loop` and the conversions between `any` and `extern` leave nothing behind to be traced.
const control = [
  'if', 'br', 'br_if', 'br_table', 'return', 'call', 'call_indirect', 'drop', 'select', 'local.get', 'local.set', 'local.tee', 'global.get', 'global.set', 'unreachable',
  'memory.size', 'memory.grow', 'memory.fill', 'memory.copy', 'memory.init', 'data.drop', 'table.get', 'table.set', 'table.size', 'table.grow', 'table.fill', 'table.copy', 'table.init', 'elem.drop',
  'ref.null', 'ref.is_null', 'ref.func',
];

const modern = [
  'return_call', 'return_call_indirect', 'return_call_ref', 'call_ref', 'throw', 'throw_ref', 'try_table', 'ref.eq', 'ref.as_non_null', 'br_on_null', 'br_on_non_null',
  'struct.new', 'struct.new_default', 'struct.get', 'struct.get_s', 'struct.get_u', 'struct.set', 'array.new', 'array.new_default', 'array.new_fixed', 'array.new_data', 'array.new_elem', 'array.get',
  'array.get_s', 'array.get_u', 'array.set', 'array.len', 'array.fill', 'array.copy', 'array.init_data', 'array.init_elem', 'br_on_cast', 'br_on_cast_fail', 'ref.test', 'ref.cast',
  'ref.i31', 'i31.get_s', 'i31.get_u', 'memory.atomic.notify', 'memory.atomic.wait32', 'memory.atomic.wait64', 'atomic.fence',
];

function missing(names: readonly string[], { executed }: Statistics): string[] {
  return names.filter((name) => !executed.has(name));
}

const plain = [...plainInstructions, ...loads, ...stores].map(({ name }) => name);

test('modules for the compiler execute every instruction it has', () => {
  const statistics = statisticsOf(generateModule, 300);
  expect(missing([...control, ...plain], statistics)).toEqual([]);
  expect(statistics.refused).toBe(0);
  expect((statistics.outcomes['values'] ?? 0) / statistics.calls).toBeGreaterThan(0.6);
}, 60_000);

test('modules of Wasm 3.0 execute nearly every instruction that the generator knows', () => {
  const statistics = statisticsOf(generateModernModule, 1000);
  const tables = [...vectorInstructions, ...vectorAccesses, ...relaxedInstructions, ...atomicInstructions].map(({ name }) => name);
  expect(missing(modern, statistics)).toEqual([]);
  // Rows are drawn evenly, so that few are left over by so few modules.
  expect(missing(tables, statistics).length).toBeLessThan(tables.length / 8);
  expect(statistics.refused).toBe(0);
  expect((statistics.outcomes['values'] ?? 0) / statistics.calls).toBeGreaterThan(0.6);
  expect((statistics.outcomes['exception'] ?? 0) / statistics.calls).toBeGreaterThan(0.005);
}, 60_000);
