// Modules made small: what a planted fault needs and nothing else, whatever features stand around it; and predicates in other processes.

import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeForEditing } from '../edit/decode.ts';
import { encodeEdited } from '../edit/encode.ts';
import { type Code, eachInstruction, isTerminator } from '../edit/instructions.ts';
import { joinModules } from '../edit/join.ts';
import type { EditModule } from '../edit/module.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { interpreterEngine } from '../oracles/engines/interpreter.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { parseText } from '../wast/text.ts';
import { commandJudge, laboratoryJudge, lookAt } from './judge.ts';
import { NothingToReduce, reduceModule } from './reduce.ts';

const never = (): boolean => false;

function edited(bytes: Uint8Array): EditModule {
  const m = decodeForEditing(bytes);
  if ('kind' in m) throw new Error(m.message);
  return m;
}

/** Names of the instructions in a body, without what stands behind one that never goes on: there is no behaviour in that. */
function liveNames(code: Code, found: string[]): string[] {
  for (const one of code) {
    found.push(one.row.name);
    if (one.body !== undefined) liveNames(one.body, found);
    if (one.otherwise !== undefined) liveNames(one.otherwise, found);
    if (isTerminator(one)) break;
  }
  return found;
}

const names = (bytes: Uint8Array): string[] => edited(bytes).functions.flatMap(({ body }) => liveNames(body, []));

/** Whether some body has the instruction where it can be reached. */
const has = (name: string) => (bytes: Uint8Array): boolean => names(bytes).includes(name);

function generatedWith(name: string, build: typeof generateModule): Uint8Array {
  for (let seed = 0; ; seed++) {
    const bytes = build(randomChoices(seed));
    if (bytes.length > 800 && has(name)(bytes)) return bytes;
  }
}

for (const [name, build] of [['i32.popcnt', generateModule], ['memory.copy', generateModule], ['br_table', generateModule], ['struct.new', generateModernModule], ['try_table', generateModernModule], ['call_ref', generateModernModule]] as const) {
  test(`of a module with ${name} little more than that is left`, async () => {
    const { bytes, instructions, isFinished } = await reduceModule(generatedWith(name, build), has(name), { isLate: never });
    expect(isFinished).toBe(true);
    expect(names(bytes)).toContain(name);
    expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
    expect(instructions.after).toBeLessThanOrEqual(8);
    expect(bytes.length).toBeLessThan(100);
  });
}

async function reducedText(text: string, isInteresting: (bytes: Uint8Array) => boolean): Promise<number> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return (await reduceModule(parsed.bytes, isInteresting, { isLate: never })).instructions.after;
}

test('blocks lose what they take and leave, and branches in them go farther out', async () => {
  const text = '(module (func (i32.const 1) (i32.const 2) (loop (param i32 i32) (result i32) i32.sub (i32.const 3) (if (param i32) (result i32 i32) (then (i32.const 4) (br_table 0 1 (i32.const 5))) (else (i32.const 6))) drop) drop))';
  expect(await reducedText(text, has('br_table'))).toBe(2);
});

test('code that is never run is thinned where it is what is interesting', async () => {
  const hasAnywhere = (name: string) => (bytes: Uint8Array): boolean => {
    let isThere = false;
    for (const { body } of edited(bytes).functions) eachInstruction(body, ({ row }) => { isThere ||= row.name === name; });
    return isThere;
  };
  const text = '(module (func (param i32 f32) (result i32) (i32.const 0) return (local.get 1) (loop (param f32) (result i32) drop (block (result i64) (i64.const 7) (if (param i64) (result i64) (local.get 0) (then i64.clz (br 1)) (else))) (i64.eqz) (i32.const 9) i32.add)))';
  expect(await reducedText(text, hasAnywhere('i64.clz'))).toBeLessThanOrEqual(4);
});

test('what a module computes is found again in a few instructions', async () => {
  const parts = Array.from({ length: 12 }, (_, seed) => generateModule(randomChoices(seed))).filter((bytes) => observe(interpreterEngine, bytes, planFor(bytes, 1)).kind === 'ran').slice(0, 4).map(edited);
  const text = await parseText('(module (memory 1) (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))) (func (export "f") (result i32) (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 50)))) (i32.store (i32.const 8) (call $square (local.get 0))) (i32.load (i32.const 8))))');
  if (text.kind !== 'bytes') throw new Error(text.message);
  const start = encodeEdited(joinModules([edited(text.bytes), ...parts]));
  const gives2500 = (bytes: Uint8Array): boolean => {
    const behaviour = observe(interpreterEngine, bytes, planFor(bytes, 1), { fuel: 100_000 });
    return behaviour.kind === 'ran' && behaviour.outcomes.some((outcome) => outcome.kind === 'values' && outcome.values.some((value) => value.type === 'i32' && value.bits === 2500));
  };
  const { bytes, instructions } = await reduceModule(start, gives2500, { isLate: never });
  expect(gives2500(bytes)).toBe(true);
  expect(instructions.before).toBeGreaterThan(200);
  expect(instructions.after).toBeLessThanOrEqual(20);
});

test('what is not interesting, or no module, is refused with the reason', async () => {
  await expect(reduceModule(generateModule(randomChoices(1)), () => false, { isLate: never })).rejects.toThrow(NothingToReduce);
  await expect(reduceModule(Uint8Array.of(1, 2, 3, 4), () => true, { isLate: never })).rejects.toThrow('malformed');
});

const native = (await openEngine('x86-64')).availability();

test('worker processes keep the odd engine and the guilty rule', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  const order = { engines: ['interp', 'x86-64', 'v8'], fault: 'unsigned-division-keeps-sign', rounds: 3, asksWabt: false };
  const text = await parseText('(module (func (export "f") (param i32) (result i32) (i32.add (i32.const 3) (i32.div_u (i32.or (local.get 0) (i32.const 0x80000000)) (i32.const 8)))) (func (export "g") (param i64) (result i64) (local.get 0)))');
  if (text.kind !== 'bytes') throw new Error(text.message);
  const wish = await lookAt(text.bytes, order, 60);
  expect(wish).toMatchObject({ kind: 'difference', of: 'behaviour', odd: 'x86-64', level: 'simplify', rule: 'simplify/udiv.power-of-two' });
  if (wish === undefined) return;
  const judge = laboratoryJudge(order, wish, 2, 60);
  try {
    const { bytes } = await reduceModule(text.bytes, (candidate) => judge.judge(candidate), { isLate: never, width: 2 });
    expect(names(bytes)).toContain('i32.div_u');
    expect(names(bytes)).not.toContain('i32.add');
    expect(names(bytes).length).toBeLessThanOrEqual(5);
  } finally {
    judge.close();
  }
});

test('a process that dies is the answer where deaths are looked for, and no otherwise', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  const order = { engines: ['interp', 'x86-64'], fault: 'compiler-aborts', rounds: 1, asksWabt: false };
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  // The fault takes only functions of several hundred values.
  const text = await parseText(`(module (func (export "f") (param i32) (result i32) (local.get 0) ${'(i32.mul (local.get 0) (local.get 0)) (i32.add)'.repeat(300)}))`);
  if (text.kind !== 'bytes') throw new Error(text.message);
  const large = text.bytes;
  expect(await lookAt(large, order, 60)).toEqual({ kind: 'death', how: 'death' });
  const judge = laboratoryJudge(order, { kind: 'death', how: 'death' }, 1, 60);
  const other = laboratoryJudge(order, { kind: 'difference', of: 'behaviour', odd: 'x86-64', level: undefined, rule: undefined }, 1, 60);
  try {
    expect(await judge.judge(large)).toBe(true);
    expect(await judge.judge(empty)).toBe(false);
    expect(await other.judge(large)).toBe(false);
  } finally {
    judge.close();
    other.close();
  }
});

test('a command decides by its exit code, with the path as its last argument', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-reduce-test-'));
  const script = join(folder, 'interesting.sh');
  writeFileSync(script, '#!/bin/sh\n[ "$1" = --keep ] && [ -f candidate.wasm ] && exec grep -q needle "$2"\n');
  chmodSync(script, 0o755);
  const text = await parseText('(module (func (export "needle")) (func (export "hay") (result i32) (i32.const 1)))');
  if (text.kind !== 'bytes') throw new Error(text.message);
  const judge = commandJudge(`${script} --keep`, 10);
  try {
    const { bytes } = await reduceModule(text.bytes, (candidate) => judge.judge(candidate), { isLate: never });
    expect(edited(bytes).exports.map(({ name }) => name)).toEqual(['needle']);
    expect(edited(bytes).functions.length).toBe(1);
  } finally {
    judge.close();
  }
  expect(readFileSync(script, 'utf8')).toContain('needle');
});
