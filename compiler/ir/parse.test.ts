// Text to IR and back: every format, gaps, ill-formed but readable texts, and the places of errors.
import { describe, expect, it } from 'vitest';
import { Builder } from './builder.ts';
import { IrFunction, appendBlock, appendParameter, createBlock, createBlockCall, replaceValue, removeInst, maybeDefinitionOf, valueCount, typeOf } from './function.ts';
import { asValue } from '../base/entity.ts';
import { op } from './opcodes.ts';
import { parseFunction, parseFunctions } from './parse.ts';
import { printFunction } from './print.ts';
import { f32, f64, i32, i64, typeName } from './types.ts';

const everyFormat = `function f3(i32, i64) -> i64, i32 {
    sig1 = (i64) -> i32, f64
    fn7 = sig1
block0(v0: i32, v1: i64):
    v2 = iconst.i64 -9223372036854775808
    v3 = iconst.i32 -1 @0x0
    v4 = fconst.f32 0x7fa00000
    v5 = fconst.f64 0xfff0000000000001
    v6 = vmctx.i64
    v7 = iadd v1, v2 @0x1f
    v8 = clz v7
    v9 = uextend.i64 v0
    v10 = icmp sle v7, v8
    v11 = fcmp ge v4, v4
    v12 = select v10, v7, v8
    v13 = select_guard v10, v4, v4
    v14 = load.f32 memory trap=outOfBoundsMemoryAccess v1+16
    v15 = uload8.i64 vmctx readonly v6-8
    store16 other v0, v1+2147483647
    store table trap=outOfBoundsTableAccess v12, v1
    v16, v17 = call fn7(v1)
    v18, v19 = call_indirect sig1, v1, v6(v7)
    v20 = libcall memoryGrow(v0, v3)
    libcall elemDrop(v0)
    stack_check
    trapz v0, unreachable
    trapnz v7, integerOverflow @0x20
    brif v0, block1(v2, v0), block2
block2:
    br_table v0, [block1(v1, v0), block3], block3
block3:
    trap unreachable
block1(v21: i64, v22: i32):
    return v21, v22
}
`;

describe('print and parse', () => {
  it('are inverse on every format', () => {
    expect(printFunction(parseFunction(everyFormat))).toBe(everyFormat);
  });

  it('keep the numbers of entities across gaps, and give removed values a definition outside the layout', () => {
    const text = 'function f0(i32) -> i32 {\nblock2(v3: i32):\n    v7 = iadd v3, v3\n    return v7\n}\n';
    const f = parseFunction(text);
    expect(printFunction(f)).toBe(text);
    expect(valueCount(f)).toBe(8);
  });

  it('find types through definitions that stand further down, and end on circles', () => {
    const f = parseFunction('function f0() {\nblock0:\n    v0 = iadd v1, v1\n    v1 = fadd v2, v2\n    v2 = fconst.f64 0x0\n    v3 = iadd v4, v4\n    v4 = iadd v3, v3\n    return\n}\n');
    expect([0, 1, 2, 3].map((v) => typeName(typeOf(f, asValue(v))))).toEqual(['f64', 'f64', 'f64', 'i32']);
  });

  it('read what is ill-formed but readable', () => {
    const text = `function f0(i32) -> f64 {
block0(v0: i32):
    return v9
    v1 = icmp condition=77 v0, v0
    v2 = load.i32 flags=65535 v0
    v3, v4 = call fn4(v0)
    v5 = call_indirect sig9(v0)
    libcall 88()
    br_table v0, []
    jump block12
    trapz v0, 99
}
`;
    expect(printFunction(parseFunction(text))).toBe(text.replace('sig9(v0)', 'sig9, v0()'));
  });

  it('print the targets of aliases', () => {
    const f = new IrFunction(0, { params: ['i32'], results: ['i32'] }, [], []);
    const block = createBlock(f);
    appendBlock(f, block);
    const x = appendParameter(f, block, i32);
    const b = new Builder(f, block);
    const sum = b.binary(op.iadd, x, b.iconst32(0));
    b.return([sum]);
    replaceValue(f, sum, x);
    removeInst(f, maybeDefinitionOf(f, sum) ?? expect.fail());
    const text = 'function f0(i32) -> i32 {\nblock0(v0: i32):\n    v1 = iconst.i32 0\n    return v0\n}\n';
    expect(printFunction(f)).toBe(text);
    expect(printFunction(parseFunction(text))).toBe(text);
  });

  it('agree on what the builder makes', () => {
    const f = new IrFunction(5, { params: [], results: [] }, [{ params: [], results: ['i64'] }], [-1, 0]);
    const entry = createBlock(f);
    const other = createBlock(f);
    appendBlock(f, entry);
    appendBlock(f, other);
    const x = appendParameter(f, other, f64);
    const b = new Builder(f, entry);
    b.origin = 77;
    b.call(1, []);
    const y = b.fconst(f64, 0x8000000000000000n);
    const z = b.fconst(f32, 0xffffffffn);
    b.unary(op.fneg, z);
    b.brTable(b.iconst32(-5), [createBlockCall(f, other, [y]), createBlockCall(f, other, [y])]);
    b.block = other;
    b.convert(op.fcvt_to_sint_sat, i64, x);
    b.return([]);
    const text = printFunction(f);
    expect(printFunction(parseFunction(text))).toBe(text);
    expect(text).toContain('v1 = call fn1() @0x4d');
    expect(printFunction(f, { origins: false, name: 'bare' })).not.toContain('@');
  });

  it.each([
    ['function f0() {\nblock0:\n    v0 = iconst.i32 1\n    v0 = iconst.i32 1\n}\n', '4:5: v0 is defined twice'],
    ['function f0() {\nblock0:\nblock0:\n}\n', '3:1: block0 is defined twice'],
    ['function f0() {\n    return\n}\n', '2:5: instruction before the first block'],
    ['function f0() {\nblock0:\n    v0 = iconst.i33 1\n}\n', "3:17: unknown type 'i33'"],
    ['function f0() {\nblock0:\n    v0 = iconst 1\n}\n', '3:10: iconst needs a type after a dot'],
    ['function f0() {\nblock0:\n    v0, v2 = call fn0()\n}\n', '3:5: results must be numbered consecutively'],
    ['function f0() {\nblock0:\n    iadd v0, v1\n}\n', '3:5: iadd has one result'],
    ['function f0() {\nblock0:\n    frob v0\n}\n', "3:5: unknown opcode 'frob'"],
    ['function f0() {\nblock0:\n    return v0 v1\n}\n', "3:15: expected end of line, found 'v1'"],
    ['function f0() {\nblock0:\n    return v99999999\n}\n', '3:12: v99999999 is too large a number for this text'],
    ['function f0() {\nblock0:\n', "3:1: expected an opcode, found end of text"],
    ['function f0() {\nblock0:\n    v0 = iconst.i32 4294967296\n}\n', '3:21: a constant 4294967296 out of range'],
  ])('name line and column of what they cannot read: %#', (text, message) => {
    expect(() => parseFunction(text)).toThrow(message);
  });

  it('read several functions with comments between them', () => {
    const text = '; first\nfunction a() {\nblock0: ; here\n    return\n}\n\n; second\nfunction f12() {\nblock0:\n    return\n}\n; end';
    expect(parseFunctions(text).map(({ name, f }) => [name, f.index])).toEqual([['a', 0], ['f12', 12]]);
  });
});
