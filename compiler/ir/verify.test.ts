// One ill-formed function per fault that the verifier knows.
import { describe, expect, it } from 'vitest';
import { maybeFirstInst, entryBlock, setOperand } from './function.ts';
import { parseFunction } from './parse.ts';
import { printFaults, verifyFunction, expectVerified } from './verify.ts';

/** A function with parameters v0: i32, v1: i64, v2: f32 whose entry holds these lines. */
const body = (...lines: string[]): string =>
  `function f0(i32, i64, f32) -> i32 {\n    sig0 = (i32) -> i64\n    fn0 = sig0\nblock0(v0: i32, v1: i64, v2: f32):\n    ${lines.join('\n    ')}\n}\n`;

describe('the verifier', () => {
  it.each([
    ['operand of a wrong class', body('v3 = iadd v2, v2', 'return v0'), 'inst0: operand v2 is f32, expected i32 or i64'],
    ['operands of different types', body('v3 = iadd v0, v1', 'return v0'), 'inst0: operands v0 and v1 differ in type: i32, i64'],
    ['conversion of no legal shape', body('v3 = uextend.i32 v0', 'return v0'), 'inst0: cannot give i32 from i32'],
    ['bitcast between widths', body('v3 = bitcast.f64 v0', 'return v0'), 'inst0: cannot give f64 from i32'],
    ['narrow load of a float', body('v3 = uload8.f32 memory v1', 'return v0'), 'inst0: cannot give f32 from i64'],
    ['address that is no i64', body('v3 = load.i32 memory v0', 'return v0'), 'inst0: operand v0 is i32, expected i64'],
    ['constant of a wrong type', body('v3 = iconst.f32 0', 'return v0'), 'inst0: cannot give f32'],
    ['select by an i64', body('v3 = select v1, v0, v0', 'return v0'), 'inst0: operand v1 is i64, expected i32'],
    ['unknown condition', body('v3 = icmp condition=10 v0, v0', 'return v0'), 'inst0: unknown condition 10'],
    ['unknown flags', body('v3 = load.i32 flags=1032 v1', 'return v0'), 'unknown memory region 8'],
    ['store to readonly memory', body('store memory readonly v0, v1', 'return v0'), 'inst0: stores to memory that is called readonly'],
    ['trapping access to the vmctx', body('v3 = load.i32 vmctx trap=unreachable v1', 'return v0'), 'which is always there'],
    ['unknown trap code', body('trap 14'), 'inst0: unknown trap code 14'],
    ['no trap as trap', body('trapz v0, none', 'return v0'), 'inst0: unknown trap code 0'],
    ['undeclared callee', body('v3 = call fn1(v0)', 'return v0'), 'inst0: calls fn1, which is not declared'],
    ['too few arguments', body('v3 = call fn0()', 'return v0'), 'inst0: passes 0 arguments, the callee takes 1'],
    ['argument of a wrong type', body('v3 = call fn0(v1)', 'return v0'), 'inst0: argument 0 v1 is i64, expected i32'],
    ['missing result', body('call fn0(v0)', 'return v0'), 'inst0: has 0 results, the callee gives 1'],
    ['undeclared signature', body('v3 = call_indirect sig9, v1, v1(v0)', 'return v0'), 'inst0: calls by sig9, which is not declared'],
    ['code address that is no i64', body('v3 = call_indirect sig0, v0, v1(v0)', 'return v0'), 'inst0: code address v0 is i32, expected i64'],
    ['missing callee context', body('v3 = call_indirect sig0, v1(v0)', 'return v0'), 'argument'],
    ['unknown library call', body('libcall 99()', 'return v0'), 'inst0: unknown library call 99'],
    ['return of a wrong type', body('return v1'), 'inst0: value 0 v1 is i64, expected i32'],
    ['return of too many', body('return v0, v0'), 'inst0: returns 2 values, the signature says 1'],
    ['undefined value', body('return v9'), 'inst0: uses v9, which nothing in the layout defines'],
    ['use before definition', body('v3 = iadd v4, v0', 'v4 = iadd v0, v0', 'return v0'), 'inst0: uses v4, whose definition in block0 does not dominate it'],
    ['value that uses itself', body('v3 = iadd v3, v0', 'return v0'), 'inst0: uses v3'],
    ['terminator in the middle', body('return v0', 'v3 = iadd v0, v0', 'return v3'), 'inst0: terminator in the middle of a block'],
    ['no terminator', body('v3 = iadd v0, v0'), 'inst0: block does not end in a terminator'],
    ['empty block', body('jump block1', '}').replace('    }\n', 'block1:\n'), 'block1: is empty'],
    ['branch out of the layout', body('jump block7'), 'inst0: branches to block7, which is not in the layout'],
    ['branch to the entry', body('jump block0(v0, v1, v2)'), 'inst0: branches to the entry block'],
    ['table without default', body('br_table v0, []'), 'inst0: has no default target'],
    ['wrong entry parameters', body('return v0').replace('(i32, i64, f32)', '(i32, i64, f64)'), 'block0: entry block takes (i32, i64, f32), the signature says (i32, i64, f64)'],
    ['no blocks', 'function f4() {\n}\n', 'function f4: has no blocks'],
    ['missing block argument', 'function f0() {\nblock0:\n    jump block1\nblock1(v0: i32):\n    return\n}\n', 'inst0: passes 0 arguments to block1, which takes 1'],
    ['block argument of a wrong type', 'function f0(f64) {\nblock0(v1: f64):\n    jump block1(v1)\nblock1(v0: i32):\n    return\n}\n', 'inst0: argument 0 for block1 v1 is f64, expected i32'],
    ['use on one of two ways', 'function f0(i32) -> i32 {\nblock0(v0: i32):\n    brif v0, block1, block2\nblock1:\n    v1 = iadd v0, v0\n    jump block2\nblock2:\n    return v1\n}\n', 'inst3: uses v1, whose definition in block1 does not dominate it'],
  ])('reports %s', (_, text, message) => {
    expect(printFaults(verifyFunction(parseFunction(text)))).toContain(message);
  });

  it('shows the text around a fault, and reports all of them', () => {
    const faults = verifyFunction(parseFunction(body('v3 = iadd v0, v1', 'v4 = fneg v0', 'return v1')));
    expect(printFaults(faults)).toBe(
      'inst0: operands v0 and v1 differ in type: i32, i64\n    block0: v3 = iadd v0, v1\n' +
        'inst1: operand v0 is i32, expected f32 or f64\n    block0: v4 = fneg v0\n' +
        'inst2: value 0 v1 is i64, expected i32\n    block0: return v1',
    );
  });

  it('allows unreachable blocks, but holds them to types', () => {
    const text = 'function f0() {\nblock0:\n    return\nblock1:\n    v1 = iadd v0, v0\n    jump block2\nblock2:\n    v0 = iconst.i32 1\n    jump block1\n}\n';
    expect(verifyFunction(parseFunction(text))).toEqual([]);
    expect(printFaults(verifyFunction(parseFunction(text.replace('v0, v0', 'v9, v9'))))).toContain('which nothing in the layout defines');
  });

  it('survives storage that is broken in any way', () => {
    const fresh = () => parseFunction(body('v3 = iadd v0, v0', 'v4 = iadd v3, v0', 'return v4'));
    const alias = fresh();
    alias.valueAlias.set(3, 4);
    alias.valueAlias.set(4, 3);
    expect(printFaults(verifyFunction(alias))).toContain('is an alias of itself');
    const operand = fresh();
    const first = maybeFirstInst(operand, entryBlock(operand));
    if (first === undefined) expect.fail();
    setOperand(operand, first, 1, 999 as Parameters<typeof setOperand>[3]);
    expect(printFaults(verifyFunction(operand))).toContain('operand 1 is v999, which does not exist');
    const loop = fresh();
    loop.nextInst.set(1, 0);
    expect(printFaults(verifyFunction(loop))).toContain('does not link back');
    const parameter = fresh();
    parameter.parameterCount.set(0, 2);
    expect(printFaults(verifyFunction(parameter))).toContain('has 3 parameters, recorded are 2');
    const list = fresh();
    list.pool.length = 0;
    expect(printFaults(verifyFunction(list))).toContain('operand list lies outside the pool');
    const layout = fresh();
    layout.nextBlock.set(0, 0);
    expect(printFaults(verifyFunction(layout))).toContain('block0');
  });

  it('throws a bug that lists every fault', () => {
    expect(() => expectVerified(parseFunction(body('v3 = iadd v0, v1', 'return v1')), 'gvn')).toThrow(/ill-formed IR after gvn:\ninst0.*\n.*\ninst1/);
  });
});
