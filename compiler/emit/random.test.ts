// Laws of the back half, for every target, over random functions: vcode verifies and reads back; its allocation is proved and reads back;
// all emitted bytes up to the data are instructions of the target, and every trap has a place of its own: an instruction, or the last byte of a call.

import { describe, expect, test } from 'vitest';
import { CountingControl } from '../base/control.ts';
import { randomFunction, targetNames, targetOf } from '../inside.ts';
import { parseVcode } from '../machine/parse.ts';
import { printAllocated, printVcode } from '../machine/print.ts';
import { applyAllocation, toProblem } from '../machine/problem.ts';
import { select } from '../machine/select.ts';
import { verifyVcode } from '../machine/verify.ts';
import { allocate } from '../regalloc/allocate.ts';
import { checkAllocation } from '../regalloc/checker.ts';
import { describeFault } from '../regalloc/proof.ts';
import { ModuleAssembler } from './module.ts';

const functions = 60;

/** A small deterministic source of choices (xorshift, Marsaglia 2003). */
function choices(seed: number): (n: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

describe.each(targetNames.map((name) => [name] as const))('%s', (name) => {
  const target = targetOf(name);
  test.each(Array.from({ length: functions }, (_, seed) => [seed] as const))('random function %d', (seed) => {
    const f = randomFunction(choices(seed + 1), { maxBlocks: 10, maxInstructions: 40 });
    const features = new Set(seed % 2 === 0 ? [] : target.features);
    const v = select(f, target.lowering, features, new CountingControl());
    expect(verifyVcode(v, target.instructions, { features })).toEqual([]);
    const vcode = printVcode(target, v);
    expect(printVcode(target, parseVcode(target, vcode).vcode)).toBe(vcode);

    const stated = toProblem(v, target.instructions, target.registers);
    const allocation = allocate(stated.problem, { algorithm: 'single-pass' });
    const verdict = checkAllocation(stated.problem, allocation);
    expect(verdict.kind === 'faults' ? verdict.faults.map(describeFault) : []).toEqual([]);
    const code = applyAllocation(v, stated, allocation);
    const text = printAllocated(target, code);
    const again = parseVcode(target, text).allocated ?? code;
    expect(printAllocated(target, again)).toBe(text);

    const [assembler, second] = [new ModuleAssembler(target), new ModuleAssembler(target)];
    const emitted = assembler.add(code);
    const bytes = assembler.bytesOf(emitted);
    expect(second.bytesOf(second.add(again))).toEqual(bytes);
    const lines = target.listCode(bytes, 0, emitted.codeEnd - emitted.start);
    expect(lines.filter((line) => line.text.startsWith('.byte'))).toEqual([]);
    const edges = new Set([...lines.map((line) => line.offset), emitted.codeEnd - emitted.start]);
    const places = assembler.traps().map((trap) => trap.pc);
    expect(places.filter((pc) => !edges.has(pc) && !edges.has(pc + 1))).toEqual([]);
    expect(new Set(places).size).toBe(places.length);
  });
});
