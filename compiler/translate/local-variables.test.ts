// SSA construction on random programs of nested blocks, loops, ifs and branch tables: the IR verifies, does what V8 does, and has no block
// parameter that could only ever have one value. And: long and deeply nested bodies take time in proportion to their size.

import { describe, expect, test } from 'vitest';
import type { Block, Value } from '../base/entity.ts';
import { evaluateAlone } from '../ir/evaluate-alone.ts';
import {
  argumentAt,
  blockCount,
  blockOfCall,
  instCount,
  type IrFunction,
  maybeFirstBlock,
  maybeFirstParameter,
  maybeLastInst,
  maybeNextBlock,
  maybeNextParameter,
  parameterCount,
  successorAt,
  successorCount,
  valueCount,
} from '../ir/function.ts';
import { expectVerified } from '../ir/verify.ts';
import { decodeModule } from '../wasm/decode.ts';
import { type Bytes, body, functionType, moduleOf, name, section, signed, unsigned, vector } from '../wasm/module-bytes.ts';
import { prepareModule } from './prepare.ts';
import { Translator } from './translate.ts';

const i32 = 0x7f;
const locals = 6;

/** Counts loop rounds; programs do not touch it. */
const fuel = locals;

function moduleWith(instructions: Bytes, localCount = locals + 1): Uint8Array {
  return moduleOf(
    section(1, vector([functionType([i32, i32], [i32]), functionType([i32], [i32]), functionType([i32, i32], [])])),
    section(3, vector([[0]])),
    section(7, vector([[...name('f'), 0, 0]])),
    section(10, vector([body(instructions, [[localCount - 2, i32]])])),
  );
}
function translate(bytes: Uint8Array, sizeLimit?: number): IrFunction {
  return new Translator(prepareModule(decodeModule(bytes), { bounds: 'guard', spectre: true }), sizeLimit).translate(0);
}

type Pick = (limit: number) => number;
function generator(seed: number): Pick {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Writes statements that leave the operand stack as they found it. `labels`: results of the enclosing labels, innermost first. */
class ProgramWriter {
  readonly pick: Pick;
  readonly code: number[] = [];
  private budget = 60;
  constructor(pick: Pick) {
    this.pick = pick;
  }
  local(): number {
    return this.pick(locals);
  }
  expression(depth = 0): void {
    const { pick, code } = this;
    switch (depth > 2 ? pick(2) : pick(5)) {
      case 0:
        code.push(0x41, ...signed(pick(7) - 3));
        break;
      case 1:
        code.push(0x20, this.local());
        break;
      case 2:
        this.expression(depth + 1);
        code.push(0x22, this.local());
        break;
      case 3:
        // if with a parameter and a result
        this.expression(depth + 1);
        this.expression(depth + 1);
        code.push(0x04, 1);
        this.assignment();
        if (pick(2) === 0) {
          code.push(0x05, 0x1a);
          this.expression(depth + 1);
        }
        code.push(0x0b);
        break;
      default:
        this.expression(depth + 1);
        this.expression(depth + 1);
        code.push([0x6a, 0x6b, 0x73, 0x48][pick(4)] ?? 0x6a);
    }
  }
  assignment(): void {
    this.expression(1);
    this.code.push(0x21, this.local());
  }
  /** Leaves the function after a hundred rounds of loops, so that every program ends. */
  burn(): void {
    this.code.push(0x20, fuel, 0x41, 1, 0x6a, 0x22, fuel, 0x41, ...signed(100), 0x4b, 0x04, 0x40, 0x20, 3, 0x0f, 0x0b);
  }
  statements(depth: number): void {
    const { pick, code } = this;
    for (let count = 1 + pick(4); count > 0; count--) {
      if (this.budget-- <= 0) return;
      switch (pick(depth > 6 ? 3 : 9)) {
        case 0:
        case 1:
          this.assignment();
          break;
        case 2:
          this.expression();
          code.push(0x0d, pick(depth + 1));
          break;
        case 3:
          code.push(0x02, 0x40);
          this.statements(depth + 1);
          code.push(0x0b);
          break;
        case 4:
          code.push(0x03, 0x40);
          this.burn();
          this.statements(depth + 1);
          code.push(0x0b);
          break;
        case 5:
          this.expression();
          code.push(0x04, 0x40);
          this.statements(depth + 1);
          if (pick(2) === 0) {
            code.push(0x05);
            this.statements(depth + 1);
          }
          code.push(0x0b);
          break;
        case 6:
          // a loop with two parameters
          this.expression();
          this.expression();
          code.push(0x03, 2, 0x21, this.local(), 0x21, this.local());
          this.burn();
          this.expression();
          this.expression();
          this.expression();
          code.push(0x0d, 0, 0x1a, 0x1a, 0x0b);
          break;
        case 7:
          this.expression();
          code.push(0x0e, ...vector(Array.from({ length: pick(4) }, () => unsigned(pick(depth + 1)))), ...unsigned(pick(depth + 1)));
          return;
        default:
          code.push(0x0c, pick(depth + 1));
          return;
      }
    }
  }
}

function randomProgram(seed: number): Uint8Array {
  const writer = new ProgramWriter(generator(seed));
  // All labels are blocks or loops without values: the outermost one stands for the function.
  writer.code.push(0x02, 0x40);
  writer.statements(0);
  writer.code.push(0x0b, 0x20, 3);
  return moduleWith(writer.code);
}

/** Blocks with a parameter that gets one value only, itself not counted. */
function trivialParameters(f: IrFunction): string[] {
  const incoming = new Map<Value, Set<Value>>();
  for (let block = maybeFirstBlock(f); block !== undefined; block = maybeNextBlock(f, block)) {
    const last = maybeLastInst(f, block);
    for (let i = 0; last !== undefined && i < successorCount(f, last); i++) {
      const call = successorAt(f, last, i);
      let number = 0;
      for (let p = maybeFirstParameter(f, blockOfCall(f, call)); p !== undefined; p = maybeNextParameter(f, p)) {
        const argument = argumentAt(f, call, number++);
        if (argument !== p) incoming.set(p, (incoming.get(p) ?? new Set()).add(argument));
      }
    }
  }
  return [...incoming].filter(([, values]) => values.size < 2).map(([parameter]) => `v${parameter}`);
}

describe('random programs', () => {
  test('verify, agree with V8, and have no trivial parameter', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const bytes = randomProgram(seed);
      const f = translate(bytes);
      expectVerified(f, `seed ${seed}`);
      expect([seed, trivialParameters(f)]).toEqual([seed, []]);
      const native = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports['f'] as (x: number, y: number) => number;
      for (const [x, y] of [[0, 0], [1, 2], [-1, 5], [3, -2]] as const) {
        const ours = evaluateAlone([f], [BigInt.asUintN(32, BigInt(x)), BigInt.asUintN(32, BigInt(y))]);
        const where = `seed ${seed} f(${x}, ${y})`;
        expect([where, ours.trap, ours.results]).toEqual([where, 'none', [BigInt.asUintN(32, BigInt(native(x, y)))]]);
      }
    }
  });
});

function parametersOf(f: IrFunction): number {
  let count = 0;
  for (let b: Block | undefined = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) count += parameterCount(f, b);
  return count;
}

describe('size', () => {
  test('a local that nobody reads behind a join costs no parameter', () => {
    const assignBoth = [0x20, 0, 0x04, 0x40, 0x41, 1, 0x21, 4, 0x05, 0x41, 2, 0x21, 4, 0x0b];
    expect(parametersOf(translate(moduleWith([...assignBoth, 0x20, 0])))).toBe(2);
    expect(parametersOf(translate(moduleWith([...assignBoth, 0x20, 4])))).toBe(3);
  });

  // Each join but the last, behind which nobody reads, has a parameter for the one local that changes.
  test('a thousand joins that leave a thousand locals alone make no parameters for them', () => {
    const many = 1000;
    const code: number[] = [];
    for (let i = 2; i < many; i++) code.push(0x41, ...signed(i), 0x21, ...unsigned(i));
    for (let i = 0; i < 1000; i++) code.push(0x20, 0, 0x04, 0x40, 0x20, 1, 0x21, 0, 0x0b);
    for (let i = 2; i < many; i++) code.push(0x20, ...unsigned(i), 0x1a);
    const f = translate(moduleWith([...code, 0x20, ...unsigned(999)], many));
    expectVerified(f, 'many joins');
    expect(parametersOf(f)).toBe(2 + 999);
  });

  test('the IR grows with the size of the body', () => {
    // A dispatch loop: every case assigns and reads all locals, as interpreters do.
    const cases = (count: number): Uint8Array => {
      const code: number[] = [0x03, 0x40];
      for (let i = 0; i <= count; i++) code.push(0x02, 0x40);
      code.push(0x20, 0, 0x0e, ...vector(Array.from({ length: count }, (_, i) => unsigned(i))), ...unsigned(count), 0x0b);
      for (let i = 0; i < count; i++) {
        for (let local = 0; local < locals; local++) code.push(0x20, local, 0x20, (local + 1) % locals, 0x6a, 0x21, local);
        code.push(0x0c, ...unsigned(count - i), 0x0b);
      }
      code.push(0x0b, 0x20, 0);
      return moduleWith(code);
    };
    // Everything made on the way counts: values that became aliases, list cells that were left behind.
    const cellsFor = (count: number): number => {
      const f = translate(cases(count));
      expect(parametersOf(f)).toBeGreaterThan(locals);
      return valueCount(f) + instCount(f) + blockCount(f) + f.pool.length;
    };
    // Sixteen times the size: quadratic growth would be a factor of 256.
    expect(cellsFor(16_000) / cellsFor(1000)).toBeLessThan(20);
  });

  test('far blocks are reached by jumps', () => {
    // Ten thousand conditional branches in a row, as many locals set before and read behind: every read looks past every branch.
    const many = 10_000;
    const code: number[] = [];
    for (let i = 2; i < many; i++) code.push(0x20, 0, 0x21, ...unsigned(i));
    code.push(0x02, 0x40);
    for (let i = 0; i < many; i++) code.push(0x20, 0, 0x0d, 0);
    code.push(0x0b);
    for (let i = 2; i < many; i++) code.push(0x20, ...unsigned(i), 0x1a);
    // Walked block by block that would be a hundred million steps, and run into the test's time limit.
    expect(parametersOf(translate(moduleWith([...code, 0x20, 2], many)))).toBe(2);
  });

  test('a product of edges and locals is refused, not attempted', () => {
    const many = 2000;
    const code: number[] = [0x02, 0x40];
    for (let i = 2; i < many; i++) code.push(0x20, 0, 0x21, ...unsigned(i));
    for (let i = 0; i < many; i++) code.push(0x20, 0, 0x0d, 0);
    for (let i = 2; i < many; i++) code.push(0x41, 1, 0x21, ...unsigned(i));
    code.push(0x0b);
    for (let i = 2; i < many; i++) code.push(0x20, ...unsigned(i), 0x1a);
    expect(() => translate(moduleWith([...code, 0x20, 2], many), 1e6)).toThrow('limit: a function that takes more than');
  });

  test('thousands of arguments for a few bytes are refused too', () => {
    const wide = functionType(new Array<number>(1000).fill(i32), new Array<number>(1000).fill(i32));
    const bytes = (instructions: Bytes): Uint8Array =>
      moduleOf(
        section(1, vector([functionType([i32, i32], [i32]), wide])),
        section(3, vector([[0]])),
        section(10, vector([body([...new Array<Bytes>(1000).fill([0x20, 0]).flat(), ...instructions, 0x00])])),
      );
    const repeated = (count: number, each: Bytes): Bytes => new Array<Bytes>(count).fill(each).flat();
    for (const hostile of [
      [0x02, 1, ...repeated(5000, [0x20, 0, 0x0d, 0]), 0x0b],
      [...repeated(5000, [0x20, 0, 0x04, 1]), ...new Array<number>(5000).fill(0x0b)],
    ])
      expect(() => translate(bytes(hostile), 1e6)).toThrow('limit: a function that takes more than');
  });

  test('nesting is not recursion', () => {
    const depth = 50_000;
    const opened: number[] = [];
    for (let i = 0; i < depth; i++) opened.push(...(i % 2 === 0 ? [0x03, 0x40] : [0x20, 0, 0x04, 0x40]));
    const code = [...opened, 0x20, 1, 0x21, 0, ...new Array<number>(depth).fill(0x0b), 0x20, 0];
    const f = translate(moduleWith(code));
    expect(parametersOf(f)).toBeGreaterThan(2);
  });
});
