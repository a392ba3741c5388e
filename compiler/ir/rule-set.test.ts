// What patterns match and capture, and which rule lists are rejected when loaded.
import { describe, expect, it } from 'vitest';
import { type Inst, asInst, asValue } from '../base/entity.ts';
import { CountingControl } from '../base/control.ts';
import { type IrFunction, instCount, opcodeOf, unpackMemoryFlags } from './function.ts';
import { opcodeName } from './opcodes.ts';
import { parseFunction } from './parse.ts';
import { type Rule, anyCondition, anyConstant, anyMemory, anything, bind, condition, intConditions, k, l, memory, powerOfTwo, rulesOf, simm8, typed, w, where, withReplacedRule, x, y } from './pattern.ts';
import { band, brif, call, iadd, icmp, iconst, imul, ishl, isub, load, select, store, uload8 } from './pattern-terms.ts';
import { RuleSet, lookThroughAll, requireAllFloors } from './rule-set.ts';
import { i32, i64 } from './types.ts';

const rule = rulesOf<void, string>();

/** The IR of one block with parameters v0: i32, v1: i32, v2: i64. */
function block(...lines: string[]): IrFunction {
  return parseFunction(`function f0(i32, i32, i64) {\n    sig0 = (i32) -> i32\n    fn0 = sig0\nblock0(v0: i32, v1: i32, v2: i64):\n    ${lines.join('\n    ')}\n    return\n}\n`);
}

/** The first instruction with this opcode. */
function find(f: IrFunction, name: string): Inst {
  for (let i = 0; i < instCount(f); i++) if (opcodeName(opcodeOf(f, asInst(i))) === name) return asInst(i);
  return expect.fail(`no ${name}`);
}

function fire(rules: readonly Rule<void, string>[], f: IrFunction, name: string, look = lookThroughAll): string | undefined {
  return new RuleSet(rules).run(f, find(f, name), look, undefined, new CountingControl());
}

describe('matching', () => {
  it('takes the first rule in file order, particular above general', () => {
    const rules = [
      rule('zero', iadd(x, iconst(0)), ({ x }) => `zero v${x}`),
      rule('small', iadd(x, iconst(simm8(k))), ({ x, k }) => `small v${x} ${k}`),
      rule('constant', iadd(x, iconst(k)), ({ x, k64 }) => `constant v${x} ${k64}`),
      rule('floor', iadd(x, y), ({ x, y }) => `floor v${x} v${y}`),
    ];
    expect(fire(rules, block('v3 = iconst.i32 0', 'v4 = iadd v0, v3'), 'iadd')).toBe('zero v0');
    expect(fire(rules, block('v3 = iconst.i32 -128', 'v4 = iadd v0, v3'), 'iadd')).toBe('small v0 -128');
    expect(fire(rules, block('v3 = iconst.i32 128', 'v4 = iadd v0, v3'), 'iadd')).toBe('constant v0 128');
    expect(fire(rules, block('v3 = iconst.i64 -4611686018427387905', 'v4 = iadd v2, v3'), 'iadd')).toBe('constant v2 -4611686018427387905');
    expect(fire(rules, block('v4 = iadd v0, v1'), 'iadd')).toBe('floor v0 v1');
  });

  it('turns commutative operations round, at every depth, in the order written first', () => {
    const rules = [rule('nested', iadd(imul(x, iconst(k)), y), ({ x, y, k }) => `v${x} * ${k} + v${y}`), rule('floor', iadd(x, y), () => 'floor')];
    expect(fire(rules, block('v3 = iconst.i32 7', 'v4 = imul v3, v1', 'v5 = iadd v0, v4'), 'iadd')).toBe('v1 * 7 + v0');
    expect(fire([rule('sub', isub(x, iconst(k)), () => 'sub')], block('v3 = iconst.i32 7', 'v4 = isub v3, v1'), 'isub')).toBeUndefined();
    expect(fire([rule('back', isub(iadd(x, y), x), ({ y }) => `v${y}`)], block('v3 = iadd v1, v0', 'v4 = isub v3, v0'), 'isub')).toBe('v1');
  });

  it('matches a repeated capture against equal values only', () => {
    const rules = [rule('same', isub(x, x), () => 'same'), rule('floor', isub(x, y), () => 'floor')];
    expect(fire(rules, block('v3 = isub v0, v0'), 'isub')).toBe('same');
    expect(fire(rules, block('v3 = isub v0, v1'), 'isub')).toBe('floor');
  });

  it('restricts and captures types, conditions, constants and accesses', () => {
    const rules = [
      rule('narrow', icmp(intConditions(condition, 'eq', 'ne'), typed(i32, x), iconst(powerOfTwo(k))), ({ condition, k }) => `narrow ${condition} ${k}`),
      rule('wide', icmp('ult', typed(i64, x), anything), ({ x }) => `wide v${x}`),
      rule('floor', icmp(condition, x, y), ({ condition }) => `floor ${condition}`),
    ];
    expect(fire(rules, block('v3 = iconst.i32 -2147483648', 'v4 = icmp ne v0, v3'), 'icmp')).toBe('narrow 1 -2147483648');
    expect(fire(rules, block('v3 = iconst.i32 6', 'v4 = icmp ne v0, v3'), 'icmp')).toBe('floor 1');
    expect(fire(rules, block('v4 = icmp ult v2, v2'), 'icmp')).toBe('wide v2');
    expect(fire(rules, block('v4 = icmp slt v2, v2'), 'icmp')).toBe('floor 2');
    const loads = [rule('load', iadd(x, load(memory, y)), ({ x, y, flags, offset }) => `v${x} v${y} ${unpackMemoryFlags(flags).region} ${offset}`)];
    expect(fire(loads, block('v3 = load.i32 table v2-12', 'v4 = iadd v3, v0'), 'iadd')).toBe('v0 v2 table -12');
  });

  it('captures the value of an inner operation and says what it looked through', () => {
    const rules = [rule('inner', iadd(bind(w, ishl(x, iconst(k))), imul(y, y)), ({ w, lookedCount, inst, f }) => `v${w} ${lookedCount} ${opcodeName(opcodeOf(f, inst))}`)];
    const f = block('v3 = iconst.i32 2', 'v4 = ishl v0, v3', 'v5 = imul v1, v1', 'v6 = iadd v4, v5');
    const set = new RuleSet(rules);
    expect(set.run(f, find(f, 'iadd'), lookThroughAll, undefined, new CountingControl())).toBe('v4 2 iadd');
    expect([set.match.lookedAt(0), set.match.lookedAt(1)]).toEqual([4, 5]);
  });

  it('looks through a value only where the consumer allows it, and always through constants', () => {
    const rules = [rule('through', iadd(imul(x, y), iconst(k)), () => 'through'), rule('floor', iadd(x, y), () => 'floor')];
    const f = block('v3 = imul v0, v1', 'v4 = iconst.i32 5', 'v5 = iadd v3, v4');
    const asked: number[] = [];
    expect(fire(rules, f, 'iadd', (value) => asked.push(value) > 99)).toBe('floor');
    expect(asked).toEqual([3]);
    expect(fire(rules, f, 'iadd', (value) => value === 3)).toBe('through');
  });

  it('matches roots without results, and roots that are captures', () => {
    const roots = [
      rule('branch', brif(icmp(anyCondition, x, y)), ({ x, y }) => `v${x} v${y}`),
      rule('store', store(anyMemory, band(x, iconst(anyConstant)), y), ({ y, type }) => `v${y} ${type}`),
      rule('call', call(), ({ inst }) => `inst${inst}`),
      rule('select', select(x, y, y), ({ x, y }) => `v${x} v${y}`),
    ];
    expect(fire(roots, block('v3 = icmp eq v0, v1', 'brif v3, block0(v0, v1, v2), block0(v0, v1, v2)'), 'brif')).toBe('v0 v1');
    expect(fire(roots, block('v3 = iconst.i64 3', 'v4 = band v3, v2', 'store other v4, v2'), 'store')).toBe('v2 2');
    expect(fire(roots, block('v3 = call fn0(v0)'), 'call')).toBe('inst0');
    expect(fire(roots, block('v3 = select v0, v2, v2'), 'select')).toBe('v0 v2');
    const address = new RuleSet([rule('sum', iadd(x, iconst(k)), ({ x, k }) => `v${x}+${k}`), rule('base', typed(i64, x), ({ x }) => `v${x}`)]);
    const f = block('v3 = iconst.i64 8', 'v4 = iadd v2, v3', 'v5 = uload8.i32 other v4');
    const none = new CountingControl();
    expect(address.runValue(f, asValue(4), lookThroughAll, undefined, none)).toBe('v2+8');
    expect(address.match.lookedCount).toBe(1);
    expect(address.runValue(f, asValue(4), () => false, undefined, none)).toBe('v4');
    expect(address.match.lookedCount).toBe(0);
    expect(address.runValue(f, asValue(2), lookThroughAll, undefined, none)).toBe('v2');
    expect(address.runValue(f, asValue(0), lookThroughAll, undefined, none)).toBeUndefined();
  });

  it('asks a rule’s condition, and goes on behind it', () => {
    const rules = [
      rule('bigger', iadd(iconst(k), iconst(l)), ({ k, l }) => k > l, ({ k, l }) => `${k} > ${l}`),
      rule('floor', iadd(x, y), () => 'floor'),
    ];
    expect(fire(rules, block('v3 = iconst.i32 5', 'v4 = iconst.i32 3', 'v5 = iadd v3, v4'), 'iadd')).toBe('5 > 3');
    expect(fire(rules, block('v3 = iconst.i32 3', 'v4 = iconst.i32 3', 'v5 = iadd v3, v4'), 'iadd')).toBe('floor');
  });

  it('counts firings, and spends fuel on optional rules', () => {
    const f = block('v3 = iadd v0, v1');
    const rules = [rule('floor', iadd(x, y), () => 'floor')];
    const dry = new CountingControl({ fuel: 0 });
    expect(new RuleSet(rules).run(f, find(f, 'iadd'), lookThroughAll, undefined, dry)).toBe('floor');
    expect(new RuleSet(rules, { optional: true }).run(f, find(f, 'iadd'), lookThroughAll, undefined, dry)).toBeUndefined();
    expect(dry.firings).toEqual(new Map([['floor', 1]]));
  });
});

describe('loading', () => {
  const floor = rule('floor', iadd(x, y), () => '');
  it.each([
    ['two rules called floor', [floor, floor]],
    ['rule late can never be reached', [floor, rule('late', iadd(x, iconst(0)), () => '')]],
    ['rule late can never be reached', [rule('typed', typed(i32, iadd(x, y)), () => ''), rule('other', typed(i64, iadd(x, y)), () => ''), rule('late', iadd(x, imul(y, y)), () => '')]],
    ['rule late can never be reached', [rule('small', iadd(x, iconst(simm8(k))), () => ''), rule('late', iadd(iconst(7), x), () => '')]],
    ['rule late can never be reached', [rule('same', isub(x, x), () => ''), rule('late', isub(y, y), () => '')]],
    ['rule odd matches no well-typed instruction', [rule('odd', typed(i64, icmp(condition, x, y)), () => '')]],
    ['rule odd matches no well-typed instruction', [rule('odd', iadd(typed(i32, x), typed(i64, y)), () => '')]],
  ])('rejects: %s', (message, rules) => {
    expect(() => new RuleSet(rules)).toThrow(message);
  });

  it('accepts what a condition, a capture or a type leaves open', () => {
    const rules = [
      rule('asked', iadd(x, y), () => false, () => ''),
      rule('same', iadd(x, x), () => ''),
      rule('eight', iadd(x, iconst(where(k, (low) => low === 8))), () => ''),
      rule('small', iadd(x, iconst(simm8(k))), () => ''),
      rule('narrow', typed(i32, iadd(x, y)), () => ''),
      rule('floor', iadd(x, y), () => ''),
    ];
    expect(new RuleSet(rules).rules).toHaveLength(6);
  });

  it('demands floors by opcode and type', () => {
    const floors = (opcode: number): boolean => opcodeName(opcode as Parameters<typeof opcodeName>[0]) === 'iadd';
    expect(() => new RuleSet([rule('narrow', typed(i32, iadd(x, y)), () => '')], { floors })).toThrow('no floor rule for iadd with result i64 and first operand i64');
    expect(() => new RuleSet([rule('asked', iadd(x, y), () => true, () => '')], { floors })).toThrow('no floor');
    expect(() => new RuleSet([rule('same', iadd(x, x), () => '')], { floors })).toThrow('no floor');
    expect(() => new RuleSet([floor], { floors })).not.toThrow();
    expect(() => new RuleSet([floor], { floors: requireAllFloors })).toThrow('no floor rule for iconst');
    const address = [rule('load', load(memory, x), () => ''), rule('byte', uload8(memory, x), () => '')];
    const loads = (opcode: number): boolean => opcodeName(opcode as Parameters<typeof opcodeName>[0]).endsWith('load');
    expect(() => new RuleSet(address, { floors: loads })).not.toThrow();
  });

  it('replaces a rule by name', () => {
    const rules = withReplacedRule([floor], 'floor', rule('floor', iadd(x, y), () => 'wrong'));
    expect(fire(rules, block('v3 = iadd v0, v1'), 'iadd')).toBe('wrong');
    expect(() => withReplacedRule([floor], 'ceiling', floor)).toThrow('no rule called ceiling');
  });
});
