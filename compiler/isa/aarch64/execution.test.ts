// Rules executed: functions that exercise one shape of pattern each run on qemu-user's AArch64 and on the IR evaluator, and must agree
// (compiler/testing/executed-program.ts).

import { beforeEach, describe, expect, it } from 'vitest';
import { storeContext } from '../../inside.ts';
import { iadd, imul } from '../../ir/pattern-terms.ts';
import { bind, w, x, y, z } from '../../ir/pattern.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import type { Target } from '../../machine/target.ts';
import { choices } from '../../testing/choices.ts';
import { answerOffset, callsOf, callsWith, type ExecutedIsa, Executor, recordBytes } from '../../testing/executed-program.ts';
import {
  combinedFunctions, constantFunctions, floatFunctions, functionOf, integerFunctions, longFunction, memoryFunctions, otherFunctions, tableFunctions, trappingFunctions, wideningFunctions,
} from '../../testing/ir-shapes.ts';
import { Assembler } from './assembler.ts';
import { type Reach, fullReach, patch } from './branches.ts';
import { A64Emitter } from './emitter.ts';
import { a64, conditions } from './instructions/table.ts';
import { byWidth, rule } from './lowering/rule.ts';
import { x0, x1, x19, x2, x20, x9 } from './registers.ts';
import { buildSignalHandler } from './signal-handler.ts';
import { a64Target } from './target.ts';

/** Register with the number of a system call. */
const systemCall = 8;
const systemCalls = { write: 64, exit: 93, sigaction: 134 } as const;

const main: ExecutedIsa['main'] = ({ action, vmctx, store, records, calls, blocks, end }) => {
  const buffer = new CodeBuffer();
  const a = new Assembler(buffer);
  const [start, next, done, more] = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
  // The first instruction jumps over what a fault elsewhere leads to.
  a.jump(start);
  a.constant32(x0, 77);
  a.constant32(systemCall, systemCalls.exit);
  a.op(a64.svc, 0);
  buffer.bind(start);
  // rt_sigaction(SIGSEGV, action, 0, 8)
  a.constant32(x0, 11);
  a.constant32(x1, action);
  a.constant32(x2, 0);
  a.constant32(x2 + 1, 8);
  a.constant32(systemCall, systemCalls.sigaction);
  a.op(a64.svc, 0);
  a.constant32(x19, records);
  a.constant32(x20, calls);
  buffer.bind(next);
  a.op(a64.cmp64_ri, x20, 0);
  a.jumpIf(conditions.eq, done);
  a.load(x9, x19, 0);
  a.load(x0, x19, 8);
  a.constant32(x1, vmctx);
  a.load(x2, x19, 16);
  a.op(a64.blr, x9, 0, 0);
  a.load(x9, x19, 16);
  a.store(x9, answerOffset, x0);
  a.constant32(x0, store);
  a.load(x0, x0, storeContext.trapPc);
  a.store(x9, answerOffset + 8, x0);
  a.add(x19, x19, recordBytes, x9);
  a.add(x20, x20, -1, x9);
  a.jump(next);
  buffer.bind(done);
  // write(1, blocks, …) until all is written, then exit(0)
  a.constant32(x19, blocks);
  a.constant32(x20, end);
  buffer.bind(more);
  a.constant32(x0, 1);
  a.move(x1, x19);
  a.op(a64.sub64_rr, x2, x20, x19);
  a.constant32(systemCall, systemCalls.write);
  a.op(a64.svc, 0);
  a.op(a64.add64_rr, x19, x19, x0);
  a.op(a64.cmp64_rr, x19, x20);
  a.jumpIf(conditions.lo, more);
  a.constant32(x0, 0);
  a.constant32(systemCall, systemCalls.exit);
  a.op(a64.svc, 0);
  buffer.resolve(patch);
  return buffer.toBytes();
};

const executor = new Executor({ target: a64Target, main, signalHandler: buildSignalHandler, emulatorWords: () => [] });
const differences: Executor['differences'] = (calls, target, features) => executor.differences(calls, target, features);
const targetWith = (reach: Reach): Target => ({ ...a64Target, createEmitter: (buffer) => new A64Emitter(buffer, reach) });
const reason = executor.whyNot();

describe('aarch64 code, executed', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  it('computes what the evaluator computes, for every shape of integer pattern', () => {
    for (const texts of [integerFunctions('i32'), integerFunctions('i64'), wideningFunctions()]) expect(differences(callsOf(texts, 8, 0x5eed))).toEqual([]);
  });
  it('compares, chooses, rounds and converts floats as the evaluator does', () => {
    expect(differences(callsOf([...floatFunctions('f32'), ...floatFunctions('f64')], 40, 0xf10a7))).toEqual([]);
  });
  it('divides, branches, loops and moves bits', () => {
    expect(differences(callsOf([...otherFunctions(), ...tableFunctions()], 12, 0x07e2))).toEqual([]);
  });
  it('chooses, compares and widens whatever stands around it', () => {
    expect(differences(callsOf(combinedFunctions(), 6, 0xc0b))).toEqual([]);
  });
  it('loads and stores at every shape of address', () => {
    expect(differences(callsOf(memoryFunctions(), 3, 0x3e3))).toEqual([]);
  });
  it('makes every constant', () => {
    expect(differences(callsOf(constantFunctions(choices(0xc0)), 1, 1))).toEqual([]);
  });
  it('traps where the trap table says, by signals too', () => {
    // Small addresses, which nobody maps.
    expect(differences(trappingFunctions().flatMap((text) => callsWith(text, [[0n, 0n], [1n, 0n], [100n, 1n]])))).toEqual([]);
  });
  it('shows a wrong rule', () => {
    const wrong = rule('iadd.madd', iadd(z, bind(w, imul(x, y))), ({ x, y, z, type }, c) => c.emit(byWidth(type, a64.msub32, a64.msub64), c.result(), c.use(x), c.use(y), c.use(z)));
    const calls = callsOf([functionOf(['i64', 'i64'], 'i64', ['v2 = imul v0, v1', 'v3 = iadd v1, v2', 'return v3'])], 8, 0xbad);
    expect(differences(calls)).toEqual([]);
    expect(differences(calls, { ...a64Target, lowering: a64Target.loweringWith([wrong]) })).not.toEqual([]);
  });
  it('does the same where branches, literals and tables are out of reach', () => {
    const texts = [...integerFunctions('i32').filter((_, i) => i % 5 === 0), ...floatFunctions('f64'), ...constantFunctions(choices(0xfa)), ...tableFunctions(), longFunction(40)];
    for (const reach of [{ rel19: 0, rel14: 0 }, { rel19: 120, rel14: 4 }, fullReach]) expect(differences(callsOf(texts, 4, 0xfa4), targetWith(reach))).toEqual([]);
  });
  it('has fired every rule but those that need more than one function', () => {
    expect(executor.unfired()).toEqual(['stack_check', 'call', 'call_indirect', 'libcall']);
  });
});
