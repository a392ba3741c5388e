// Bodies: what the validation algorithm accepts and what it says. Text is assembled by wabt, which does not validate here.
// The law at the end compares verdicts on random bodies with V8's validator, which shares nothing with ours.

import wabt from 'wabt';
import { describe, expect, test } from 'vitest';
import { type Bytes, body, functionModule, functionType, moduleOf, section, unsigned, vector } from './module-bytes.ts';
import { type ImmediateKind, instructions } from './opcodes.ts';
import { validate } from './validate.ts';

const assembler = await wabt();

function verdict(text: string): string {
  const parsed = assembler.parseWat('test.wat', `(module ${text})`, { reference_types: true, bulk_memory: true, multi_value: true });
  try {
    const fault = validate(parsed.toBinary({}).buffer);
    return fault === undefined ? 'valid' : `${fault.kind}: ${fault.message}`;
  } finally {
    parsed.destroy();
  }
}

describe('operands', () => {
  test.each([
    ['valid', '(func (result i32) i32.const 1)'],
    ['invalid: type mismatch: expected i32, found nothing', '(func (result i32))'],
    ['invalid: type mismatch: expected i32, found f32', '(func (result i32) f32.const 1)'],
    ['invalid: type mismatch: values remain on the stack at the end of the block', '(func i32.const 1)'],
    ['invalid: type mismatch: expected i64, found i32', '(func (drop (i64.add (i64.const 1) (i32.const 1))))'],
    ['invalid: type mismatch: expected i32, found nothing', '(func i32.const 1 (block br_if 0))'],
    ['invalid: type mismatch: select without type annotation on references', '(func (drop (select (ref.null func) (ref.null func) (i32.const 1))))'],
    ['valid', '(func (drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 1))))'],
    ['invalid: unknown local 1', '(func (param i32) (drop (local.get 1)))'],
    ['invalid: unknown global 0', '(func (drop (global.get 0)))'],
    ['invalid: immutable global', '(global i32 (i32.const 1)) (func (global.set 0 (i32.const 1)))'],
    ['invalid: unknown memory 0', '(func (drop (i32.load (i32.const 0))))'],
    ['invalid: undeclared function reference', '(func $f (drop (ref.func $f)))'],
    ['valid', '(func $f (drop (ref.func $f))) (elem declare func $f)'],
    ['invalid: type mismatch: expected a reference, found i32', '(func (drop (ref.is_null (i32.const 1))))'],
  ])('%s  %s', (expected, text) => expect(verdict(text)).toBe(expected));
});

describe('unreachable code is polymorphic, not lawless', () => {
  test.each([
    ['valid', '(func (result i32) unreachable)'],
    ['valid', '(func (result i32) unreachable i32.add)'],
    ['valid', '(func unreachable select drop)'],
    ['invalid: type mismatch: expected i32, found i64', '(func (result i32) unreachable i64.const 0 i32.add)'],
    ['invalid: type mismatch: values remain on the stack at the end of the block', '(func unreachable i32.const 0)'],
    ['invalid: unknown local 9', '(func unreachable local.get 9 drop)'],
    ['valid', '(func (result i32) (block (result i32) unreachable br_if 0))'],
    ['valid', '(func (block (result i32) (block (result i64) unreachable br_table 0 1 1) drop i32.const 0) drop)'],
    ['invalid: type mismatch: targets of br_table differ in arity', '(func (block (block (result i64) unreachable br_table 0 1) drop))'],
  ])('%s  %s', (expected, text) => expect(verdict(text)).toBe(expected));
});

describe('control', () => {
  test.each([
    ['valid', '(func (result i32 i64) (block (result i32 i64) i32.const 1 i64.const 2))'],
    ['valid', '(func (result i32) i32.const 1 (loop (param i32) (result i32) (br_if 1 (i32.const 0))))'],
    ['invalid: type mismatch: expected i64, found nothing', '(func i64.const 1 (loop (param i64) drop br 0))'],
    ['invalid: type mismatch: if without else must leave its parameters', '(func (drop (if (result i32) (i32.const 1) (then (i32.const 1)))))'],
    ['valid', '(func (result i32) i32.const 7 (if (param i32) (result i32) (i32.const 1) (then drop i32.const 8)))'],
    ['invalid: unknown label 1', '(func br 1)'],
    ['valid', '(func br 0)'],
    ['invalid: type mismatch: tables of different types', '(table 1 funcref) (table 1 externref) (func (table.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))'],
  ])('%s  %s', (expected, text) => expect(verdict(text)).toBe(expected));

  test('nests as deep as the bytes go', () => {
    const depth = 200_000;
    const bytes = [...new Array<Bytes>(depth).fill([0x02, 0x40]).flat(), ...new Array<number>(depth).fill(0x0b)];
    expect(validate(functionModule(bytes))).toBeUndefined();
  });
});

test('an operand stack that grows without measure is refused', () => {
  const results = new Array<number>(1000).fill(0x7f);
  const calls = new Array<Bytes>(20_000).fill([0x10, 1]).flat();
  const bytes = moduleOf(
    section(1, vector([functionType([], []), functionType([], results)])),
    section(3, vector([[0], [1]])),
    section(10, vector([body([...calls, 0x00]), body([0x00])])),
  );
  expect(validate(bytes)).toMatchObject({ kind: 'unsupported', message: 'unsupported: limit: more than 16777216 operands on the stack' });
});

test('a body must fill its range exactly', () => {
  const missing = functionModule([0x41]);
  expect(validate(missing)?.kind).toBe('malformed');
  const early = functionModule([0x0b, 0x01]);
  expect(validate(early)).toMatchObject({ kind: 'malformed', message: 'section size mismatch' });
});

test('alignment, memory index and offset of an access are checked', () => {
  const load = (...memarg: Bytes[]): string => `${validate(functionModule([0x41, 0, 0x28, ...memarg.flat(), 0x1a]))?.message}`;
  expect(load([2], [0])).toBe('undefined');
  expect(load([3], [0])).toBe('alignment must not be larger than natural');
  expect(load([0x42], [0], [0])).toBe('undefined');
  expect(load([0x42], [1], [0])).toBe('unknown memory 1');
  expect(load([0x80, 1], [0])).toBe('malformed memop flags');
  expect(load([2], unsigned(2n ** 32n))).toBe('offset out of range');
});

// ---- the law

/** A small generator of the linear congruential kind, good enough to pick bytes. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const rows = Object.values(instructions);

function immediate(kind: ImmediateKind, pick: (limit: number) => number): number[] {
  switch (kind) {
    case 'none':
      return [];
    case 'block':
      return [[0x40, 0x7f, 0x7e, 0x7d, 0x70, 0x00][pick(6)] ?? 0x40];
    case 'labels':
      return [2, pick(3), pick(3), pick(3)];
    case 'types':
      return [1, [0x7f, 0x7e, 0x70][pick(3)] ?? 0x7f];
    case 'memarg':
      return [pick(4), pick(128)];
    case 'reference type':
      return [pick(2) === 0 ? 0x70 : 0x6f];
    case 'i32':
    case 'i64':
      return [pick(128)];
    case 'f32':
      return [0, 0, 0, pick(256)];
    case 'f64':
      return [0, 0, 0, 0, 0, 0, 0, pick(256)];
    case 'type table':
    case 'element table':
    case 'table table':
    case 'data memory':
    case 'memory memory':
      return [0, pick(8) === 0 ? 1 : 0];
    case 'local':
      return [pick(5)];
    case 'label':
      return [pick(3)];
    default:
      return [pick(8) === 0 ? 1 : 0];
  }
}

test('verdicts on random bodies are those of V8', () => {
  const pick = generator(20_061);
  const counts = { valid: 0, refused: 0 };
  for (let round = 0; round < 30_000; round++) {
    const code: number[] = [];
    // A beginning that makes any operands available, so that a good part of the bodies is valid.
    if (pick(2) === 0) code.push(0x00);
    let open = 0;
    for (let length = pick(6); length > 0; length--) {
      const row = rows[pick(rows.length)];
      if (row === undefined || row.immediate.includes('data')) continue;
      const [first, second] = row.code;
      code.push(first, ...(second === undefined ? [] : [second]), ...immediate(row.immediate, pick));
      if (row.immediate === 'block') open++;
      if (first === 0x0b) open--;
    }
    for (; open > 0; open--) code.push(0x0b);
    const bytes = functionModule(code, [0x7f, 0x7e], pick(2) === 0 ? [] : [0x7f], [[1, 0x7d], [1, 0x70]]);
    const ours = validate(bytes);
    const theirs = WebAssembly.validate(bytes);
    if ((ours === undefined) !== theirs) expect.fail(`ours: ${ours?.message}, V8: ${theirs}, bytes ${Buffer.from(bytes).toString('hex')}`);
    counts[theirs ? 'valid' : 'refused']++;
  }
  expect(counts.valid).toBeGreaterThan(1000);
  expect(counts.refused).toBeGreaterThan(1000);
});
