// The tables of instructions, ours and the refused ones: complete, without overlap, and in agreement with the counts of the standard.

import { expect, test } from 'vitest';
import { instructions, maybeInstructionName, opcode, opcodeLimit, prefixedStart } from './opcodes.ts';
import { features, maybeRefusedInstruction } from './proposals.ts';

const rows = Object.entries(instructions);

test('no code stands for two instructions', () => {
  expect(new Set(rows.map(([, row]) => row.code.join())).size).toBe(rows.length);
  for (const [name] of rows) expect(maybeInstructionName(opcode[name as keyof typeof instructions])).toBe(name);
});

test('the standard 2.0 without vectors has 172 instructions of the first standard and 28 later ones', () => {
  const count = (feature: string): number => rows.filter(([, row]) => row.feature === feature).length;
  expect(count('1.0')).toBe(172);
  expect(count('sign extension')).toBe(5);
  expect(count('saturating conversions')).toBe(8);
  expect(count('bulk memory')).toBe(7);
  expect(count('reference types')).toBe(9);
});

test('what is refused is not ours', () => {
  for (let byte = 0; byte < 256; byte++)
    if (maybeInstructionName(byte) !== undefined) expect(maybeRefusedInstruction(byte, undefined)).toBeUndefined();
  for (let number = 0; number < opcodeLimit - prefixedStart; number++) expect(maybeRefusedInstruction(0xfc, number)).toBeUndefined();
});

test('every instruction of the proposals is known by name', () => {
  const refused = (byte: number, feature: string): string[] => {
    const names: string[] = [];
    for (let number = 0; number < 0x200; number++) {
      const found = maybeRefusedInstruction(byte, number);
      if (found?.feature === feature) names.push(found.name);
    }
    expect(new Set(names).size).toBe(names.length);
    return names;
  };
  expect(refused(0xfd, features.simd)).toHaveLength(236);
  expect(refused(0xfd, features.relaxedSimd)).toHaveLength(20);
  expect(refused(0xfe, features.threads)).toHaveLength(67);
  expect(refused(0xfb, features.gc)).toHaveLength(31);
  expect(maybeRefusedInstruction(0xfd, 0xff)?.name).toBe('f64x2.convert_low_i32x4_u');
  expect(maybeRefusedInstruction(0xfd, 0xb5)?.name).toBe('i32x4.mul');
  expect(maybeRefusedInstruction(0xfe, 0x4e)?.name).toBe('i64.atomic.rmw32.cmpxchg_u');
  expect(maybeRefusedInstruction(0xfd, 0x9a)).toBeUndefined();
});
