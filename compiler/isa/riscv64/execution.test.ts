// Rules executed: functions that exercise one shape of pattern each run on qemu-user's RISC-V and on the IR evaluator, and must agree
// (compiler/testing/executed-program.ts).

import { beforeEach, describe, expect, it } from 'vitest';
import { storeContext } from '../../inside.ts';
import { rotl } from '../../ir/pattern-terms.ts';
import { x, y } from '../../ir/pattern.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import type { Target } from '../../machine/target.ts';
import { choices } from '../../testing/choices.ts';
import { answerOffset, callsOf, callsWith, type ExecutedIsa, Executor, recordBytes } from '../../testing/executed-program.ts';
import {
  combinedFunctions, constantFunctions, floatFunctions, functionOf, integerFunctions, longFunction, memoryFunctions, otherFunctions, tableFunctions, trappingFunctions, wideningFunctions,
} from '../../testing/ir-shapes.ts';
import { Assembler } from './assembler.ts';
import { type Reach, fullReach, patch } from './branches.ts';
import { RvEmitter } from './emitter.ts';
import { conditions, rv } from './instructions/table.ts';
import { byWidth, rule } from './lowering/rule.ts';
import { a0, a1, a2, a7, linkRegister, s1, s2, t0, zero } from './registers.ts';
import { buildSignalHandler } from './signal-handler.ts';
import { rvTarget } from './target.ts';

const systemCalls = { write: 64, exit: 93, sigaction: 134 } as const;

const main: ExecutedIsa['main'] = ({ action, vmctx, store, records, calls, blocks, end }) => {
  const buffer = new CodeBuffer();
  const a = new Assembler(buffer);
  const [start, next, done, more] = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
  // The first instruction jumps over what a fault elsewhere leads to.
  a.jump(start);
  a.constant32(a0, 77);
  a.constant32(a7, systemCalls.exit);
  a.op(rv.ecall);
  buffer.bind(start);
  // rt_sigaction(SIGSEGV, action, 0, 8)
  a.constant32(a0, 11);
  a.constant32(a1, action);
  a.constant32(a2, 0);
  a.constant32(a2 + 1, 8);
  a.constant32(a7, systemCalls.sigaction);
  a.op(rv.ecall);
  a.constant32(s1, records);
  a.constant32(s2, calls);
  buffer.bind(next);
  a.jumpIf(conditions.eq, s2, zero, done);
  a.load(t0, s1, 0);
  a.load(a0, s1, 8);
  a.constant32(a1, vmctx);
  a.load(a2, s1, 16);
  a.op(rv.jalr, linkRegister, t0, 0);
  a.load(t0, s1, 16);
  a.store(t0, answerOffset, a0);
  a.constant32(a0, store);
  a.load(a0, a0, storeContext.trapPc);
  a.store(t0, answerOffset + 8, a0);
  a.op(rv.addi, s1, s1, recordBytes);
  a.op(rv.addi, s2, s2, -1);
  a.jump(next);
  buffer.bind(done);
  // write(1, blocks, …) until all is written, then exit(0)
  a.constant32(s1, blocks);
  a.constant32(s2, end);
  buffer.bind(more);
  a.constant32(a0, 1);
  a.move(a1, s1);
  a.op(rv.sub, a2, s2, s1);
  a.constant32(a7, systemCalls.write);
  a.op(rv.ecall);
  a.op(rv.add, s1, s1, a0);
  a.jumpIf(conditions.ltu, s1, s2, more);
  a.constant32(a0, 0);
  a.constant32(a7, systemCalls.exit);
  a.op(rv.ecall);
  buffer.resolve(patch);
  return buffer.toBytes();
};

const executor = new Executor({
  target: rvTarget, main, signalHandler: buildSignalHandler,
  emulatorWords: (features) => ['-cpu', ['rv64', ...rvTarget.features.map((name) => `${name}=${features.has(name)}`)].join(',')],
});
const differences: Executor['differences'] = (calls, target, features) => executor.differences(calls, target, features);
const targetWith = (reach: Reach): Target => ({ ...rvTarget, createEmitter: (buffer) => new RvEmitter(buffer, reach) });
const reason = executor.whyNot();

describe('riscv64 code, executed', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  describe.each([['without extensions', new Set<string>()], ['with Zba and Zbb', new Set(rvTarget.features)]] as const)('%s', (_, features) => {
    it('computes what the evaluator computes, for every shape of integer pattern', () => {
      for (const texts of [integerFunctions('i32'), integerFunctions('i64'), wideningFunctions()]) expect(differences(callsOf(texts, 8, 0x5eed), rvTarget, features)).toEqual([]);
    });
    it('divides, branches, loops and moves bits', () => {
      expect(differences(callsOf([...otherFunctions(), ...tableFunctions()], 12, 0x07e2), rvTarget, features)).toEqual([]);
    });
    it('chooses, compares and widens whatever stands around it', () => {
      expect(differences(callsOf(combinedFunctions(), 6, 0xc0b), rvTarget, features)).toEqual([]);
    });
    it('loads and stores at every shape of address', () => {
      expect(differences(callsOf(memoryFunctions(), 3, 0x3e3), rvTarget, features)).toEqual([]);
    });
  });
  it('compares, chooses, rounds and converts floats as the evaluator does', () => {
    expect(differences(callsOf([...floatFunctions('f32'), ...floatFunctions('f64')], 40, 0xf10a7))).toEqual([]);
  });
  it('makes every constant', () => {
    expect(differences(callsOf(constantFunctions(choices(0xc0)), 1, 1))).toEqual([]);
  });
  it('traps where the trap table says, by signals too', () => {
    // Small addresses, which nobody maps.
    expect(differences(trappingFunctions().flatMap((text) => callsWith(text, [[0n, 0n], [1n, 0n], [100n, 1n]])))).toEqual([]);
  });
  it('shows a wrong rule', () => {
    const wrong = rule('rotl', rotl(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, rv.sllw, rv.sll), c.result(), c.use(x), c.use(y)));
    const calls = callsOf([functionOf(['i64', 'i64'], 'i64', ['v2 = rotl v0, v1', 'return v2'])], 8, 0xbad);
    expect(differences(calls)).toEqual([]);
    expect(differences(calls, { ...rvTarget, lowering: rvTarget.loweringWith([wrong]) })).not.toEqual([]);
  });
  it('does the same where branches and jumps are out of reach', () => {
    const texts = [...integerFunctions('i32').filter((_, i) => i % 5 === 0), ...floatFunctions('f64'), ...constantFunctions(choices(0xfa)), ...tableFunctions()];
    for (const reach of [{ branch: 0, jal: 0 }, { branch: 0, jal: fullReach.jal }, { branch: 40, jal: 120 }, fullReach]) {
      expect(differences(callsOf(texts, 4, 0xfa4), targetWith(reach))).toEqual([]);
    }
  });
  it('branches and traps across more code than a branch spans', () => {
    expect(differences(callsOf([100, 250, 340, 400, 500, 3000].map(longFunction), 20, 0x1009))).toEqual([]);
  });
  it('has fired every rule but those that need more than one function', () => {
    expect(executor.unfired()).toEqual(['stack_check', 'call', 'call_indirect', 'libcall']);
  });
});
