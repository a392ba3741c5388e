// Bisection to the guilty part, for faults of each kind on each ISA that runs here. Those planted by name are in fuzz/faults/; here stand the kinds between.

import { expect, test } from 'vitest';
import {
  type Fault, i32, iconst, ishl, k, type Level, parseFunction, printFunction, type StageName, typed, x, x64, x64Rule,
} from '../../compiler/inside.ts';
import { emitterAround } from '../faults/emitter-around.ts';
import { openEngine } from '../oracles/engines/index.ts';
import type { Step } from '../oracles/levels.ts';
import { moduleSideBySide, type SideBySide } from '../oracles/side-by-side.ts';
import { parseText } from '../wast/text.ts';
import { bucketOf } from './bucket.ts';
import { lineDiff, levelDump } from './level-dump.ts';

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  return parsed.bytes;
}

async function located(text: string, engine: string, fault: Fault, steps: Step[] = []): Promise<SideBySide> {
  const engines = [await openEngine('interp'), await openEngine(engine, [fault])];
  return await moduleSideBySide(engines, await bytesOf(text), undefined, [fault], undefined, { onStep: (step) => steps.push(step) });
}

async function reasonNot(engine: string): Promise<string | undefined> {
  const availability = (await openEngine(engine)).availability();
  return availability.available ? undefined : availability.reason;
}

/** What a stage leaves, with one word of the IR in the place of another. */
function inText(stage: StageName, from: RegExp, to: string): Fault {
  return {
    kind: 'transformer', name: 'in text', stage,
    transform: (level: Level) => {
      if (level.level !== 'ir') return level;
      const text = printFunction(level.f, { origins: true });
      return from.test(text) ? { level: 'ir', f: parseFunction(text.replace(from, to)) } : level;
    },
  };
}

/** One bit of each machine word whose disassembly matches. */
function inWords(matching: RegExp, bits: number): Fault {
  return {
    kind: 'transformer', name: 'in words', stage: 'emit',
    transform: (level: Level) => {
      if (level.level !== 'code') return level;
      const bytes = level.bytes.slice();
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (const { offset, text } of level.target.listCode(bytes, 0, level.emitted.codeEnd - level.emitted.start)) {
        if (matching.test(text)) view.setUint32(offset, view.getUint32(offset, true) ^ bits, true);
      }
      return { ...level, bytes };
    },
  };
}

const arithmetic = `(module (func (export "f") (param i32 i32) (result i32)
  (i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.xor (local.get 1) (i32.rotl (local.get 0) (local.get 1))))))`;

test('translation: the wasm instruction is named', async () => {
  const { location } = await located(arithmetic, 'ir', inText('translate', /rotl /g, 'rotr '));
  expect(location).toMatchObject({ level: 'translate', rule: 'i32.rotl' });
  expect(location?.evidence).toContain('confirmed by the instruction alone');
});

test('a pass whose every change is innocent: the stage is named, and that no change is to blame', async () => {
  const { location } = await located(arithmetic, 'ir-opt', inText('hoist-invariants', /bxor /g, 'bor '));
  expect(location).toMatchObject({ level: 'hoist-invariants', rule: undefined, evidence: 'it differs also when no optional change is allowed' });
});

/** The count of a shift by a constant is one too large. */
const constantShift: Fault = {
  kind: 'lowering', name: 'ishl.constant', target: 'x86-64',
  rule: x64Rule('ishl.constant', typed(i32, ishl(x, iconst(k))), ({ x, kLow }, c) => c.emit(x64.shl32_ri, c.use(x), c.result(), (kLow + 1) & 31)),
};
const shifts = '(module (func (export "f") (param i32 i32) (result i32) (i32.sub (i32.shl (local.get 0) (i32.const 5)) (i32.mul (local.get 1) (i32.const 77)))))';

test('a particular lowering rule: fuel names it, single instructions confirm it, the dump shows it', async ({ skip }) => {
  const reason = await reasonNot('x86-64');
  if (reason !== undefined) skip(reason);
  const steps: Step[] = [];
  const { location } = await located(shifts, 'x86-64', constantShift, steps);
  expect(location).toMatchObject({ level: 'select', rule: 'ishl.constant', engine: 'x86-64' });
  expect(location?.evidence).toMatch(/without particular lowering rules it agrees.*confirmed by instructions alone: rule ishl\.constant takes part in (\d+) of \1 that disagree/);
  expect(steps.filter(({ kind }) => kind === 'fuel').map(({ text }) => text)[0]).toMatch(/^with the first 0 of \d+ changes: agrees$/);
  if (location === undefined) throw new Error('nothing was located');
  const dump = levelDump(await bytesOf(shifts), location, [constantShift]) ?? '';
  expect(dump).toContain('function 0 after select: - without the guilty change, + with it');
  expect(dump).toMatch(/^\+ .*shl32_ri .*6/m);
});

test.for([
  ['aarch64', /^eor w\d+, w\d+, w\d+$/, 0x20000000, 'eor32_rr'],
  ['riscv64', /^xor a\d, a\d, a\d/, 0x2000, 'xor32'],
] as const)('%s: the row whose bytes say something else is named', async ([engine, matching, bits, row], { skip }) => {
  const reason = await reasonNot(engine);
  if (reason !== undefined) skip(reason);
  const { location } = await located(arithmetic, engine, inWords(matching, bits));
  expect(location).toMatchObject({ level: 'emit', rule: row, engine });
  expect(location?.evidence).toContain(`${row}`);
});

test.for(['aarch64', 'riscv64'])('%s: a floor rule is named by what single instructions have in common', async (engine, { skip }) => {
  const reason = await reasonNot(engine);
  if (reason !== undefined) skip(reason);
  const swapped: Fault = {
    kind: 'transformer', name: 'rows', stage: 'select',
    transform: (level: Level) => {
      if (level.level !== 'vcode') return level;
      const [from, to] = engine === 'aarch64' ? ['asr32_rr', 'lsr32_rr'] : ['sraw', 'srlw'];
      const [wrong, right] = [level.target.instructions.numberOf(to), level.target.instructions.numberOf(from)];
      for (let inst = 0; inst < level.vcode.rows.length; inst++) if (level.vcode.rows.at(inst) === right) level.vcode.rows.set(inst, wrong);
      return level;
    },
  };
  const { location } = await located('(module (func (export "f") (param i32 i32) (result i32) (i32.shr_s (i32.or (local.get 0) (i32.const 0x80000000)) (i32.or (local.get 1) (i32.const 1)))))', engine, swapped);
  expect(location).toMatchObject({ level: 'select', rule: 'sshr', engine });
  expect(location?.evidence).toContain('i32.shr_s');
});

test('a module that is refused although it is valid: validation is named', async () => {
  // Limits of memories are read the wrong way round.
  const swapped: Fault = { kind: 'decoding', name: 'limits', change: (module) => ({ ...module, memories: module.memories.map((memory) => ({ ...memory, min: memory.max ?? 0, max: memory.min })) }) };
  const { location } = await located('(module (memory 1 2) (func (export "f") (param i32) (result i32) (local.get 0)))', 'ir', swapped);
  expect(location).toMatchObject({ level: 'validate', rule: undefined });
  expect(location?.evidence).toMatch(/^ran.* against refused|against .*size minimum must not be greater than maximum/);
});

test('an instance that differs before any function is called: the runtime is named, in the bucket of the whole compiler', async () => {
  // Data segments are said to begin a byte further.
  const shifted: Fault = {
    kind: 'decoding', name: 'offsets',
    change: (module) => ({
      ...module,
      data: module.data.map((segment) => (segment.mode.mode !== 'active' ? segment : {
        ...segment,
        mode: { ...segment.mode, offset: { ...segment.mode.offset, steps: segment.mode.offset.steps.map((step) => (step.op === 'i32.const' ? { ...step, bits: step.bits + 1 } : step)) } },
      })),
    }),
  };
  const steps: Step[] = [];
  const { location } = await located('(module (memory (export "m") 1) (data (i32.const 8) "abc") (func (export "f") (param i32) (result i32) (i32.load8_u (i32.const 8))))', 'ir', shifted, steps);
  expect(location).toMatchObject({ level: 'runtime', rule: undefined });
  expect(location?.evidence).toMatch(/^it differs before any function is called: .*memory/);
  expect(steps.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^instantiated, with nothing called: differs/));
  if (location !== undefined) expect(bucketOf({ kind: 'memory', odd: 'ir', fingerprint: '' }, location)).toBe('behaviour.compiler.runtime');
});

test('a statement that spares a register from a call: the row is named, in state', async ({ skip }) => {
  const reason = await reasonNot('x86-64-isolated');
  if (reason !== undefined) skip(reason);
  const spared: Fault = {
    kind: 'transformer', name: 'spared', stage: 'state',
    transform: (level: Level) => (level.level === 'problem' ? { ...level, stated: { ...level.stated, problem: { ...level.stated.problem, clobberInt: level.stated.problem.clobberInt.map(() => 0) } } } : level),
  };
  const calls = '(module (func $g (param i32) (result i32) (i32.mul (i32.add (local.get 0) (i32.const 3)) (local.get 0))) (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 1) (i32.add (call $g (local.get 0)) (local.get 0)))))';
  const { location } = await located(calls, 'x86-64-isolated', spared);
  expect(location).toMatchObject({ level: 'state', rule: 'call', engine: 'x86-64-isolated' });
  expect(location?.evidence).toContain('which is not stated');
});

test('a prologue that leaves no room: the prologue is named', { timeout: 120_000 }, async ({ skip }) => {
  const reason = await reasonNot('x86-64-isolated');
  if (reason !== undefined) skip(reason);
  // Spilled values lie below the stack pointer, where calls write.
  const roomless: Fault = {
    kind: 'target', name: 'roomless', target: 'x86-64',
    change: (target) => ({
      ...target,
      createEmitter: (buffer) => {
        const inner = target.createEmitter(buffer);
        return emitterAround(inner, { begin: (code, frame) => inner.begin(code, { ...frame, bytes: code.allocation.spillBytes > 0 ? 0 : frame.bytes }) });
      },
    }),
  };
  const spills = `(module (func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
    (func (export "f") (param i32 i32) (result i32) (i32.sub (i32.mul (local.get 0) (local.get 1)) (i32.add (call $g (local.get 0)) (i32.add (local.get 0) (local.get 1))))))`;
  const { location } = await located(spills, 'x86-64-isolated', roomless);
  expect(location).toMatchObject({ level: 'emit', rule: 'prologue', engine: 'x86-64-isolated' });
});

test('an engine of somebody else that stands alone is not searched', async () => {
  const { location, verdict } = await moduleSideBySide([await openEngine('interp'), await openEngine('ir')], await bytesOf(arithmetic));
  expect(verdict).toBe('agree');
  expect(location).toBeUndefined();
});

test('a diff of lines shows what went and what came, with what stands around', () => {
  expect(lineDiff(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd'])).toEqual(['  a', '- b', '+ x', '  c', '  d']);
  expect(lineDiff(['a'], ['a', 'b'])).toEqual(['  a', '+ b']);
});
