// The verifier of vcode finds each kind of fault, and nothing in well-formed code. Cases are x86-64 text.

import { describe, expect, test } from 'vitest';
import { targetOf } from '../inside.ts';
import { parseVcode } from './parse.ts';
import { printVcode } from './print.ts';
import { verifyVcode } from './verify.ts';

const target = targetOf('x86-64');

function faultsOf(body: string, features?: ReadonlySet<string>): string[] {
  const { vcode } = parseVcode(target, `function f0(i32, i64) -> i32 {\n${body}}\n`);
  return verifyVcode(vcode, target.instructions, features === undefined ? {} : { features }).map((fault) => `${fault.where}: ${fault.message}`);
}

const wellFormed = `block0:
    r0:4@rdi, r1:8@rsi = args
    r2:8 = add32_ri r0, 1
    r3 = mov32_rm [r1 + r2*4 + 16] !outOfBoundsMemoryAccess @7
    cmp32_rr r3, r0
    jcc l, block1, block2
block1:
    jmp block3(r3)
block2:
    r4 = mov32_ri 5
    jmp block3(r4)
block3(r5:4):
    ret (r5@rax)
`;

const entry = 'block0:\n    r0:4@rdi, r1:8@rsi = args\n';

describe('the verifier of vcode', () => {
  test('accepts well-formed code, which prints as it was', () => {
    expect(faultsOf(wellFormed)).toEqual([]);
    const text = `function f0(i32, i64) -> i32 {\n${wellFormed}}\n`;
    expect(printVcode(target, parseVcode(target, text).vcode)).toBe(text);
  });

  const cases: readonly (readonly [what: string, body: string, fault: string])[] = [
    ['a use without a def', `${entry}    r2 = add32_rr r0, r7\n    ret (r2@rax)\n`, 'block0 inst 1 (add32_rr): r7 has no def'],
    ['two defs', `${entry}    r0 = mov32_ri 1\n    ret (r0@rax)\n`, 'block0 inst 1 (mov32_ri): r0 has two defs'],
    ['a use before its def', `${entry}    r2 = add32_ri r3, 1\n    r3 = mov32_ri 1\n    ret (r2@rax)\n`, 'block0 inst 1 (add32_ri): the def of r3 does not dominate this use'],
    ['garbage in the upper half', `${entry}    r2 = add64_ri r0, 1\n    ret (r2@rax)\n`, 'block0 inst 1 (add64_ri): r0 has 4 meaningful bytes, 8 are read'],
    ['a 32-bit index', `${entry}    r2 = mov32_rm [r1 + r0*4]\n    ret (r2@rax)\n`, 'block0 inst 1 (mov32_rm): r0 of 4 bytes in an address'],
    ['a copy that would have to extend', `${entry}    r2:8 = mov32_rr r0\n    ret (r2@rax)\n`, 'block0 inst 1 (mov32_rr): r2 has 8 meaningful bytes, 4 are written'],
    ['flags nobody wrote', `${entry}    r2 = setcc e\n    r3 = movzx8_32_rr r2\n    ret (r3@rax)\n`, 'block0 inst 1 (setcc): reads flags that nothing in the block has written'],
    ['flags a call destroyed', `${entry}    cmp32_rr r0, r0\n    call fn1, ()\n    r2 = cmov32_rr r0, r0, e\n    ret (r2@rax)\n`, 'block0 inst 3 (cmov32_rr): reads flags that nothing in the block has written'],
    ['the wrong class', `${entry}    r2 = addss_rr r0, r0\n    ret (r0@rax)\n`, 'block0 inst 1 (addss_rr): r0 has the wrong class'],
    ['an immediate that does not fit', `${entry}    r2 = add32_ri8 r0, 128\n    ret (r2@rax)\n`, 'block0 inst 1 (add32_ri8): immediate 128 does not fit'],
    ['a constant of another width', `${entry}    r2 = movss_rm [const 8: 0x0 0x1]\n    ret (r0@rax)\n`, 'block0 inst 1 (movss_rm): constant of 8 bytes, 4 are read'],
    ['16 bytes that may not be aligned', `${entry}    r2:x4 = zero_x\n    r3 = xorf32_rm r2, [r1]\n    ret (r0@rax)\n`, 'block0 inst 2 (xorf32_rm): reads 16 aligned bytes outside the constant pool'],
    ['a branch in the middle', `${entry}    jmp block1\n    r2 = mov32_ri 1\n    jmp block1\nblock1:\n    ret (r0@rax)\n`, 'block0 inst 1 (jmp): ends a block in its middle'],
    ['no end', `${entry}    r2 = mov32_ri 1\n`, 'block0 inst 1 (mov32_ri): does not end a block'],
    ['missing arguments', `${entry}    jmp block1\nblock1(r2:4):\n    ret (r2@rax)\n`, 'block0: passes 0 arguments, block1 has 1 parameters'],
    ['an argument of another width', `${entry}    jmp block1(r1)\nblock1(r2:4):\n    ret (r2@rax)\n`, 'block0: r1 and r2 have different widths'],
    ['a critical edge', `${entry}    cmp32_rr r0, r0\n    jcc e, block1, block2\nblock1:\n    jmp block2\nblock2:\n    ret (r0@rax)\n`, 'block0: critical edge to block2'],
    ['two values in one register', `${entry}    ret (r0@rax, r1@rax)\n`, 'block0 inst 1 (ret): two values in one register'],
    ['a target that does not exist', `${entry}    jmp block9\n`, 'block0: no block9'],
  ];
  test.each(cases)('rejects %s', (_, body, fault) => {
    expect(faultsOf(body)).toContain(fault);
  });

  test('rejects a row whose CPU feature is missing', () => {
    const body = `${entry}    r2 = popcnt32_rr r0\n    ret (r2@rax)\n`;
    expect(faultsOf(body, new Set(['popcnt']))).toEqual([]);
    expect(faultsOf(body, new Set())).toEqual(['block0 inst 1 (popcnt32_rr): needs CPU feature popcnt']);
  });
});
