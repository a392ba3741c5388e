// Rules executed: functions that exercise one shape of pattern each run on qemu-user's RISC-V and on the IR evaluator, and must agree.
// All functions and their arguments go into one static program, written here with our own assembler: it calls each function through its entry
// trampoline and writes out the argument blocks, in which the results then lie. So one start of the emulator judges thousands of calls.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CountingControl } from '../../base/control.ts';
import type { Signature } from '../../contract/artifact.ts';
import { trapNameOf } from '../../contract/traps.ts';
import { argumentSlot, storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { ModuleAssembler, allocate } from '../../inside.ts';
import { evaluateAlone } from '../../ir/evaluate-alone.ts';
import type { IrFunction } from '../../ir/function.ts';
import { parseFunction } from '../../ir/parse.ts';
import { rotl } from '../../ir/pattern-terms.ts';
import { x, y } from '../../ir/pattern.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import { applyAllocation, toProblem } from '../../machine/problem.ts';
import { select } from '../../machine/select.ts';
import type { Target } from '../../machine/target.ts';
import { expectVerifiedVcode } from '../../machine/verify.ts';
import { Assembler } from './assembler.ts';
import { type Reach, fullReach, patch } from './branches.ts';
import { RvEmitter } from './emitter.ts';
import { conditions, rv } from './instructions/table.ts';
import { byWidth, rule } from './lowering/rule.ts';
import { a0, a1, a2, a7, linkRegister, s1, s2, t0, zero } from './registers.ts';
import { buildSignalHandler } from './signal-handler.ts';
import { rvTarget } from './target.ts';

const emulator = spawnSync('qemu-riscv64', ['--version']).status === 0 ? 'qemu-riscv64' : undefined;

/** A small deterministic source of choices (xorshift, Marsaglia 2003). */
function choices(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

// ---- functions, as text

/** A function of these parameters, v0 and on; its first result is `type`. */
const functionOf = (params: readonly string[], type: string, lines: readonly string[]): string =>
  `function f(${params.join(', ')}) -> ${type} {\nblock0(${params.map((p, i) => `v${i}: ${p}`).join(', ')}):\n${lines.join('\n')}\n}\n`;

const constants = [0, 1, -1, 2, 5, 255, 4095, 4096, -5, -4095, -4096, 4097, 0x5000, 0xfff000, -0xfff000, 0x1000000, 0x55555555, 0xff00, 0x7fffffff, -0x80000000];
const compared = [0, 1, -1, 255, 4096, -5, 4097, 0xff00, 0x55555555, -0x80000000];
const branch = ['brif v9, block1, block2', 'block1:', 'return v1', 'block2:', 'return v0'];

function integerFunctions(type: 'i32' | 'i64'): string[] {
  const width = type === 'i32' ? 32 : 64;
  const texts: string[] = [];
  const two = (...lines: string[]): unknown => texts.push(functionOf([type, type], type, lines));
  for (const outer of ['iadd', 'isub', 'band', 'bor', 'bxor']) {
    for (const inner of ['ishl', 'ushr', 'sshr']) {
      for (const count of [0, 1, 7, width - 1, width + 3]) two(`v2 = iconst.${type} ${count}`, `v3 = ${inner} v1, v2`, `v4 = ${outer} v0, v3`, 'return v4');
    }
    for (const k of constants) {
      two(`v2 = iconst.${type} ${k}`, `v3 = ${outer} v0, v2`, 'return v3');
      two(`v2 = iconst.${type} ${k}`, `v3 = ${outer} v2, v0`, 'return v3');
    }
    two(`v2 = iconst.${type} -1`, 'v3 = bxor v1, v2', `v4 = ${outer} v0, v3`, 'return v4');
    two('v2 = imul v0, v1', `v3 = ${outer} v1, v2`, 'return v3');
  }
  for (const mask of [1, 0x7f, 0xffff, 0x7fffffff]) {
    for (const count of [1, 4, 31]) two(`v2 = iconst.${type} ${count}`, 'v3 = ushr v0, v2', `v4 = iconst.${type} ${mask}`, 'v5 = band v3, v4', 'return v5');
  }
  for (const shift of ['ishl', 'ushr', 'sshr', 'rotl', 'rotr']) {
    for (const count of [0, 1, width - 1, width, -1]) two(`v2 = iconst.${type} ${count}`, `v3 = ${shift} v0, v2`, 'return v3');
    two(`v2 = ${shift} v0, v1`, 'return v2');
  }
  for (const unary of ['clz', 'ctz', 'popcnt', 'sextend8', 'sextend16']) two(`v2 = ${unary} v0`, 'return v2');
  for (const condition of ['eq', 'ne', 'slt', 'sge', 'sgt', 'sle', 'ult', 'uge', 'ugt', 'ule']) {
    for (const k of compared) {
      const comparison = [`v2 = iconst.${type} ${k}`, `v9 = icmp ${condition} v0, v2`];
      two(...comparison, 'v4 = select v9, v0, v1', 'return v4');
      two(...comparison, ...branch);
      two(...comparison, 'trapz v9, unreachable', 'return v1');
      two(...comparison, 'trapnz v9, unreachable', 'return v1');
      const tested = [`v2 = iconst.${type} ${k}`, 'v3 = band v0, v2', `v4 = iconst.${type} 0`, `v9 = icmp ${condition} v3, v4`];
      two(...tested, ...branch);
      texts.push(functionOf([type, type], 'i32', [...tested, 'return v9']));
    }
    texts.push(functionOf([type, type], 'i32', [`v2 = iconst.${type} 5`, 'v3 = ishl v1, v2', `v4 = icmp ${condition} v0, v3`, 'return v4']));
  }
  for (let bit = 0; bit < width; bit += 5) {
    two(`v2 = iconst.${type} ${BigInt.asIntN(width, 1n << BigInt(bit))}`, 'v3 = band v0, v2', `v4 = iconst.${type} 0`, 'v9 = icmp ne v3, v4', ...branch);
  }
  two('trapz v0, unreachable', 'return v1');
  two('trapnz v0, unreachable', 'return v1');
  return texts;
}

function wideningFunctions(): string[] {
  const texts: string[] = [];
  for (const widen of ['uextend', 'sextend']) {
    for (const count of [0, 1, 4, 5, 31, 32, 63]) {
      const shifted = [`v2 = ${widen}.i64 v1`, `v3 = iconst.i64 ${count}`, 'v4 = ishl v2, v3'];
      texts.push(functionOf(['i64', 'i32'], 'i64', [...shifted, 'return v4']));
      for (const outer of ['iadd', 'isub']) texts.push(functionOf(['i64', 'i32'], 'i64', [...shifted, `v5 = ${outer} v0, v4`, 'return v5']));
    }
    for (const outer of ['iadd', 'isub', 'imul']) {
      texts.push(functionOf(['i64', 'i32'], 'i64', [`v2 = ${widen}.i64 v1`, `v3 = ${outer} v0, v2`, 'return v3']));
      texts.push(functionOf(['i32', 'i32'], 'i64', [`v2 = ${widen}.i64 v0`, `v3 = ${widen}.i64 v1`, `v4 = ${outer} v2, v3`, 'return v4']));
    }
    texts.push(functionOf(['i64'], 'i64', ['v1 = ireduce.i32 v0', `v2 = ${widen}.i64 v1`, 'return v2']));
  }
  return texts;
}

function floatFunctions(type: 'f32' | 'f64'): string[] {
  const texts = [functionOf([type, type], type, ['v2 = fcopysign v0, v1', 'return v2'])];
  for (const condition of ['eq', 'ne', 'lt', 'gt', 'le', 'ge']) {
    texts.push(functionOf([type, type], 'i32', [`v2 = fcmp ${condition} v0, v1`, 'return v2']));
    texts.push(functionOf([type, type], 'i32', [`v2 = fconst.${type} 0x0`, `v3 = fcmp ${condition} v0, v2`, 'return v3']));
    texts.push(functionOf([type, type], type, [`v9 = fcmp ${condition} v0, v1`, ...branch]));
    texts.push(functionOf([type, type], type, [`v9 = fcmp ${condition} v0, v1`, 'trapnz v9, unreachable', 'return v1']));
  }
  for (const choose of ['select', 'select_guard']) texts.push(functionOf(['i32', type, type], type, [`v3 = ${choose} v0, v1, v2`, 'return v3']));
  // Only what no NaN's payload can show in: where it may, the official test suite judges.
  for (const unary of ['fabs', 'fneg']) texts.push(functionOf([type], type, [`v1 = ${unary} v0`, 'return v1']));
  for (const integer of ['i32', 'i64']) {
    for (const sign of ['sint', 'uint']) {
      texts.push(functionOf([type], integer, [`v1 = fcvt_to_${sign}_sat.${integer} v0`, 'return v1']));
      texts.push(functionOf([integer], type, [`v1 = fcvt_from_${sign}.${type} v0`, 'return v1']));
    }
    for (const binary of ['fadd', 'fsub', 'fmul', 'fdiv', 'fmin', 'fmax']) {
      const converted = [`v2 = fcvt_from_sint.${type} v0`, `v3 = fcvt_from_sint.${type} v1`, `v4 = ${binary} v2, v3`];
      texts.push(functionOf([integer, integer], integer, [...converted, `v5 = fcvt_to_sint_sat.${integer} v4`, 'return v5']));
    }
    for (const unary of ['fsqrt', 'fceil', 'ffloor', 'ftrunc', 'fnearest']) {
      const converted = [`v2 = fcvt_from_uint.${type} v0`, `v3 = fconst.${type} ${type === 'f32' ? '0x41280000' : '0x4025000000000000'}`, 'v4 = fdiv v2, v3', `v5 = ${unary} v4`];
      texts.push(functionOf([integer], integer, [...converted, `v6 = fcvt_to_sint_sat.${integer} v5`, 'return v6']));
    }
  }
  return texts;
}

/** Constants of every mixture of quarters, which take one to three instructions, or are loaded. */
function constantFunctions(choose: (n: number) => number): string[] {
  return Array.from({ length: 200 }, () => {
    let bits = 0n;
    for (let quarter = 0; quarter < 4; quarter++) bits |= BigInt([0, 0xffff, 0x8000, choose(0x10000)][choose(4)] ?? 0) << BigInt(16 * quarter);
    return [
      functionOf(['i32'], 'i64', [`v1 = iconst.i64 ${BigInt.asIntN(64, bits)}`, 'return v1']),
      functionOf(['i32'], 'i64', [`v1 = iconst.i64 ${0xffffffffffffffffn >> BigInt(choose(63) + 1)}`, 'return v1']),
      functionOf(['i32'], 'i32', [`v1 = iconst.i32 ${BigInt.asIntN(32, bits)}`, 'return v1']),
      functionOf(['i32'], 'f64', [`v1 = fconst.f64 0x${bits.toString(16)}`, 'return v1']),
      functionOf(['i32'], 'f32', [`v1 = fconst.f32 0x${(bits & 0xffffffffn).toString(16)}`, 'return v1']),
    ];
  }).flat();
}

// Bytes at the vmctx: the header, bytes to read, bytes to write.
const readable = 0x400;
const writable = 0x800;
const vmctxBytes = 4096;
const contents = Uint8Array.from({ length: vmctxBytes }, (_, i) => (i < 256 ? 0 : (i * 37 + (i >> 8) * 11 + 129) & 0xff));

/** Every load, and every store with the load that reads it back, at every shape of address. */
function memoryFunctions(): string[] {
  const index = ['v2 = iconst.i32 63', 'v3 = band v0, v2', 'v4 = uextend.i64 v3', 'v5 = vmctx.i64'];
  const addressesFrom = (start: number): readonly (readonly [lines: readonly string[], offset: number])[] => [
    [['v9 = iadd v5, v4'], start],
    [['v9 = iadd v5, v4'], start + 1],
    [[`v6 = iconst.i64 ${start}`, 'v7 = iadd v5, v6', 'v9 = iadd v7, v4'], 0],
    [[`v6 = iconst.i64 ${start}`, 'v7 = iadd v5, v6', 'v9 = iadd v7, v4'], 261],
    ...[1, 2, 3].map((shift) => [[`v6 = iconst.i64 ${start}`, 'v7 = iadd v5, v6', `v8 = iconst.i64 ${shift}`, 'v10 = ishl v4, v8', 'v9 = iadd v7, v10'], shift - 1] as const),
    [[`v6 = iconst.i64 ${start}`, 'v7 = iadd v4, v6', 'v9 = iadd v7, v5'], 8],
    [[`v6 = iconst.i64 ${start}`, 'v7 = iadd v5, v6', 'v8 = iadd v4, v4', 'v9 = iadd v7, v8'], 0],
    [['v6 = imul v4, v4', 'v7 = iconst.i64 255', 'v8 = band v6, v7', 'v10 = iadd v5, v8', `v11 = iconst.i64 ${start + 300}`, 'v9 = iadd v10, v11'], -4],
  ];
  const loads = [
    'load.i32', 'load.i64', 'load.f32', 'load.f64', 'uload8.i32', 'uload8.i64', 'uload16.i32', 'uload16.i64', 'uload32.i64', 'sload8.i32', 'sload8.i64', 'sload16.i32',
    'sload16.i64', 'sload32.i64',
  ];
  const stores = [
    ['i32', 'store'], ['i32', 'store8'], ['i32', 'store16'], ['i64', 'store'], ['i64', 'store8'], ['i64', 'store16'], ['i64', 'store32'], ['f32', 'store'], ['f64', 'store'],
  ] as const;
  return [
    ...addressesFrom(readable).flatMap(([lines, offset]) =>
      loads.map((load) => functionOf(['i32'], load.slice(-3), [...index, ...lines, `v20 = ${load} memory v9+${offset}`, 'return v20'].map(plusOrMinus))),
    ),
    ...addressesFrom(writable).flatMap(([lines, offset]) =>
      stores.flatMap(([type, store]) =>
        ['v1', 'v19'].map((value) =>
          functionOf(['i32', type], 'i64', [
            ...index, ...lines, 'v18 = iconst.i64 -1', `store memory v18, v9+${offset}`,
            `v19 = ${type.startsWith('f') ? 'fconst' : 'iconst'}.${type} ${type.startsWith('f') ? '0x0' : '0'}`, `${store} memory ${value}, v9+${offset}`,
            `v20 = load.i64 memory v9+${offset}`, 'return v20',
          ].map(plusOrMinus)),
        ),
      ),
    ),
  ];
}
const plusOrMinus = (line: string): string => line.replace('+-', '-');

/** Branches of other kinds, divisions within their domain, moves of bits. */
function otherFunctions(): string[] {
  const texts: string[] = [];
  for (const type of ['i32', 'i64']) {
    const divisor = [`v2 = iconst.${type} 1`, 'v3 = bor v1, v2', `v4 = iconst.${type} ${type === 'i32' ? 0x7fffffff : '0x7fffffffffffffff'}`, 'v5 = band v3, v4'];
    for (const divide of ['sdiv', 'udiv', 'srem', 'urem']) texts.push(functionOf([type, type], type, [...divisor, `v6 = ${divide} v0, v5`, 'return v6']));
    texts.push(functionOf([type], type, [`v1 = iconst.${type} -1`, 'v2 = srem v0, v1', 'return v2']));
    for (const choose of ['select', 'select_guard']) {
      texts.push(functionOf(['i32', type, type], type, [`v3 = ${choose} v0, v1, v2`, 'return v3']));
      texts.push(functionOf(['i32', type, 'i32'], type, ['v3 = band v0, v2', `v4 = iconst.${type} 9`, `v5 = ${choose} v3, v1, v4`, 'return v5']));
      texts.push(functionOf(['i32', type], type, ['v2 = iconst.i32 0xff00', 'v3 = band v0, v2', `v4 = iconst.${type} 9`, `v5 = ${choose} v3, v1, v4`, 'return v5']));
    }
    for (const float of ['f32', 'f64']) {
      for (const sign of ['sint', 'uint']) {
        const small = ['v1 = iconst.i32 0xfffff', 'v2 = band v0, v1', `v3 = fcvt_from_uint.${float} v2`];
        texts.push(functionOf(['i32'], type, [...small, `v4 = fcvt_to_${sign}.${type} v3`, 'return v4']));
        texts.push(functionOf(['i32'], 'f64', [...small, `v4 = ${float === 'f32' ? 'fpromote.f64' : 'fdemote.f32'} v3`, ...(float === 'f32' ? ['return v4'] : ['v5 = fpromote.f64 v4', 'return v5'])]));
      }
    }
  }
  for (const [from, to] of [['i32', 'f32'], ['f32', 'i32'], ['i64', 'f64'], ['f64', 'i64']] as const) texts.push(functionOf([from], to, [`v1 = bitcast.${to} v0`, 'return v1']));
  texts.push(functionOf(['f64', 'f64'], 'f64', ['v2 = fcmp ge v0, v1', 'trapz v2, unreachable', 'return v0']));
  texts.push(functionOf(['i32', 'i32'], 'i32', ['brif v0, block1, block2', 'block1:', 'return v1', 'block2:', 'return v0']));
  texts.push(functionOf(['i32', 'i32'], 'i32', ['v9 = band v0, v1', ...branch]));
  texts.push(functionOf(['i32', 'i32'], 'i32', ['v2 = iconst.i32 0x1000', 'v9 = band v0, v2', ...branch]));
  // The sum of the numbers up to n.
  const loop = ['v1 = iconst.i32 0xff', 'v2 = band v0, v1', 'v3 = iconst.i32 0', 'jump block1(v2, v3)', 'block1(v4: i32, v5: i32):', 'v6 = iadd v5, v4', 'v7 = iconst.i32 1'];
  texts.push(functionOf(['i32'], 'i32', [...loop, 'v8 = isub v4, v7', 'v9 = icmp sgt v8, v3', 'brif v9, block1(v8, v6), block2(v6)', 'block2(v10: i32):', 'return v10']));
  return texts;
}

/** Selects of every type on comparisons of every kind; comparisons with constants as values; extensions that cost nothing. */
function combinedFunctions(): string[] {
  const texts: string[] = [];
  for (const type of ['i32', 'i64', 'f32', 'f64']) {
    for (const compared of ['i32', 'i64', 'f32', 'f64']) {
      const zero = compared.startsWith('f') ? `fconst.${compared} 0x0` : `iconst.${compared} 0`;
      for (const condition of compared.startsWith('f') ? ['ne', 'lt', 'ge'] : ['eq', 'slt', 'sge', 'sgt', 'ugt', 'ule']) {
        const comparison = `${compared.startsWith('f') ? 'fcmp' : 'icmp'} ${condition}`;
        for (const choose of ['select', 'select_guard']) {
          const chosen = [`v9 = ${choose} v8, v2, v3`, 'return v9'];
          texts.push(functionOf([compared, compared, type, type], type, [`v8 = ${comparison} v0, v1`, ...chosen]));
          texts.push(functionOf([compared, compared, type, type], type, [`v7 = ${zero}`, `v8 = ${comparison} v0, v7`, ...chosen]));
        }
      }
    }
  }
  for (const tested of ['i32', 'i64']) {
    for (const bit of tested === 'i32' ? ['0x800', '0x40000000', '-0x80000000'] : ['0x800', '0x80000000', '0x100000000', '-0x8000000000000000']) {
      for (const condition of ['eq', 'ne']) {
        const lines = [`v4 = iconst.${tested} ${bit}`, 'v5 = band v0, v4', `v6 = iconst.${tested} 0`, `v8 = icmp ${condition} v5, v6`];
        for (const type of ['i32', 'i64', 'f32', 'f64']) {
          for (const choose of ['select', 'select_guard']) texts.push(functionOf([tested, tested, type, type], type, [...lines, `v9 = ${choose} v8, v2, v3`, 'return v9']));
        }
        for (const trap of ['trapz', 'trapnz']) texts.push(functionOf([tested, tested, tested, tested], tested, [...lines, `${trap} v8, unreachable`, 'return v1']));
      }
    }
  }
  for (const type of ['i32', 'i64']) {
    texts.push(functionOf(['i32', type], type, [`v2 = iconst.${type} 0`, 'v3 = select_guard v0, v1, v2', 'return v3']));
    texts.push(functionOf(['i32', type, 'i32'], type, [`v3 = iconst.${type} 0`, 'v4 = icmp ult v0, v2', 'v5 = select_guard v4, v1, v3', 'return v5']));
    for (const condition of ['eq', 'ne', 'slt', 'sge', 'sgt', 'sle', 'ult', 'uge', 'ugt', 'ule']) {
      for (const k of [0, 1, -1, 2046, 2047, 2048, -2048, -2049, 4096]) texts.push(functionOf([type], 'i32', [`v1 = iconst.${type} ${k}`, `v2 = icmp ${condition} v0, v1`, 'return v2']));
      texts.push(functionOf([type, type], 'i32', [`v2 = icmp ${condition} v0, v1`, 'return v2']));
    }
  }
  for (const widen of ['sextend', 'uextend']) {
    for (const line of ['iadd v0, v1', 'bxor v0, v1', 'ushr v0, v1', 'icmp ult v0, v1', 'clz v0', 'ctz v0', 'popcnt v1', 'rotr v0, v1', 'sextend8 v0']) {
      texts.push(functionOf(['i32', 'i32'], 'i64', [`v2 = ${line}`, `v3 = ${widen}.i64 v2`, 'return v3']));
      // The same value as an i32 for somebody else, by way of a block's parameter.
      const both = [`v2 = ${line}`, `v3 = ${widen}.i64 v2`, 'jump block1(v2)', 'block1(v4: i32):', 'v5 = icmp slt v4, v1', 'v6 = sextend.i64 v5', 'v7 = imul v3, v6', 'return v7'];
      texts.push(functionOf(['i32', 'i32'], 'i64', both));
    }
  }
  texts.push(functionOf(['i64', 'i64'], 'i32', ['v2 = iadd v0, v1', 'v3 = ireduce.i32 v2', 'return v3']));
  texts.push(functionOf(['i64', 'i64'], 'i32', ['v2 = ireduce.i32 v0', 'v3 = ireduce.i32 v1', 'v4 = icmp ult v2, v3', 'return v4']));
  for (const trap of ['trapz', 'trapnz']) {
    for (const type of ['f32', 'f64']) texts.push(functionOf([type, type], type, ['v2 = fcmp lt v0, v1', `${trap} v2, unreachable`, 'return v0']));
  }
  return texts;
}

/** Branches over `steps` multiplications with a check each, forward and back: the body of a loop that is left in its middle. */
function longFunction(steps: number): string {
  const lines: string[] = ['v2 = iconst.i32 3', 'v3 = band v0, v2', 'jump block1(v3, v1)', 'block1(v4: i32, v5: i32):', 'brif v4, block2, block3(v5)', 'block2:'];
  for (let i = 0; i < steps; i++) {
    const [last, next] = [i === 0 ? 5 : 10 + 2 * (i - 1), 10 + 2 * i];
    lines.push(`v${next} = imul v${last}, v0`, `v${next + 1} = icmp ne v${next}, v0`, `trapz v${next + 1}, unreachable`);
  }
  lines.push('v6 = iconst.i32 1', 'v7 = isub v4, v6', `brif v${10 + 2 * (steps - 1)}, block1(v7, v${10 + 2 * (steps - 1)}), block3(v7)`, 'block3(v8: i32):', 'return v8');
  return functionOf(['i32', 'i32'], 'i32', lines);
}

function tableFunctions(): string[] {
  const blocks = [0, 1, 2, 3, 4].flatMap((n) => [`block${n + 1}:`, `v${n + 2} = iconst.i32 ${n + 10}`, `return v${n + 2}`]);
  return [functionOf(['i32'], 'i32', ['br_table v0, [block1, block2, block3, block4], block5', ...blocks])];
}

// ---- the program

const edges = [
  0n, 1n, 2n, 3n, 255n, 256n, 4095n, 4096n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0xfffffffbn, 0x7f800000n, 0x7ff0000000000000n, 0x3ff0000000000000n,
  0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn, 0xfffffffffffffffbn, 0x5555555555555555n,
];

interface Call {
  readonly f: IrFunction;
  readonly text: string;
  readonly args: readonly bigint[];
}

const loadAddress = 0x400000;
const headerBytes = 64 + 56;
const stackBytes = 1 << 16;
const slotsPerBlock = 5;
const blockBytes = slotsPerBlock * argumentSlot;
const recordBytes = 24;
const handlerBytes = 256;
const systemCalls = { write: 64, exit: 93, sigaction: 134 } as const;
const is32 = (type: string): boolean => type.endsWith('32');

/** No optional feature. */
const baseline: ReadonlySet<string> = new Set();
/** Counts the rules fired in all tests. */
const control = new CountingControl();

interface Program {
  readonly bytes: Uint8Array;
  /** Trap codes by absolute pc. */
  readonly traps: ReadonlyMap<number, number>;
}

/**
 * Compiles the functions, and builds the program that makes the calls. Its output is the argument blocks; the last slot of each is the entry's
 * answer, and the pc of the trap if it answered with one. Faults go to our own signal handler.
 */
function programOf(calls: readonly Call[], target: Target, features: ReadonlySet<string>): Program {
  const assembler = new ModuleAssembler(target);
  const starts = new Map<IrFunction, number>();
  const signatures: Signature[] = [];
  const signatureOf = new Map<string, number>();
  for (const { f } of calls) {
    if (starts.has(f)) continue;
    const v = select(f, target.lowering, features, control);
    expectVerifiedVcode(v, target.instructions, { features });
    const stated = toProblem(v, target.instructions, target.registers);
    const allocation = allocate(stated.problem, { algorithm: 'single-pass' });
    starts.set(f, assembler.add(applyAllocation(v, stated, allocation)).start);
    const key = JSON.stringify(f.signature);
    if (!signatureOf.has(key)) signatureOf.set(key, signatures.push(f.signature) - 1);
  }
  const emitted = assembler.finish(signatures);

  // header | main | code | signal handler | its table | struct sigaction | store context | vmctx | stack | records (entry, code, block) | blocks
  const buffer = new CodeBuffer();
  const a = new Assembler(buffer);
  const align = (n: number): number => (n + 15) & ~15;
  const mainBytes = 384;
  const code = loadAddress + headerBytes + mainBytes + 8;
  const handler = align(code + emitted.code.length);
  // The program's first instruction jumps over what a fault elsewhere leads to.
  const ranges = handler + handlerBytes;
  const action = ranges + 32;
  const store = action + 32;
  const signalHandler = buildSignalHandler({ ranges, previous: loadAddress + headerBytes + 8 + 4 });
  expect(signalHandler.length).toBeLessThanOrEqual(handlerBytes);
  const vmctx = store + storeContext.size;
  const stackEnd = align(vmctx + vmctxBytes) + stackBytes;
  const blocks = stackEnd + align(recordBytes * calls.length);
  const end = blocks + blockBytes * calls.length;
  const [start, next, done] = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
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
  a.constant32(s1, stackEnd);
  a.constant32(s2, calls.length);
  buffer.bind(next);
  a.jumpIf(conditions.eq, s2, zero, done);
  a.load(t0, s1, 0);
  a.load(a0, s1, 8);
  a.constant32(a1, vmctx);
  a.load(a2, s1, 16);
  a.op(rv.jalr, linkRegister, t0, 0);
  a.load(t0, s1, 16);
  a.store(t0, (slotsPerBlock - 1) * argumentSlot, a0);
  a.constant32(a0, store);
  a.load(a0, a0, storeContext.trapPc);
  a.store(t0, (slotsPerBlock - 1) * argumentSlot + 8, a0);
  a.op(rv.addi, s1, s1, recordBytes);
  a.op(rv.addi, s2, s2, -1);
  a.jump(next);
  buffer.bind(done);
  // write(1, blocks, …) until all is written, then exit(0)
  const more = buffer.createLabel();
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
  expect(buffer.length).toBeLessThanOrEqual(mainBytes);

  const bytes = new Uint8Array(end - loadAddress);
  const view = new DataView(bytes.buffer);
  const put64 = (address: number, value: bigint): void => view.setBigUint64(address - loadAddress, value, true);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  // ELF header: executable, RISC-V with the float ABI, one program header; program header: load all, readable, writable and executable.
  view.setUint16(16, 2, true);
  view.setUint16(18, 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(loadAddress + headerBytes + 8), true);
  view.setBigUint64(32, 64n, true);
  view.setUint32(48, 4, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setUint32(68, 7, true);
  for (const [at, value] of [[80, loadAddress], [88, loadAddress], [96, bytes.length], [104, bytes.length], [112, 4096]] as const) view.setBigUint64(at, BigInt(value), true);
  bytes.set(buffer.toBytes(), headerBytes + 8);
  bytes.set(emitted.code, code - loadAddress);
  bytes.set(signalHandler, handler - loadAddress);
  [1, code, code + emitted.code.length, code + emitted.trapExitAfterSignal].forEach((value, i) => put64(ranges + 8 * i, BigInt(value)));
  // Handler, SA_SIGINFO | SA_NODEFER.
  put64(action, BigInt(handler));
  put64(action + 8, 0x40000004n);
  put64(store + storeContext.wasmStack, BigInt(stackEnd));
  put64(store + storeContext.stackLimit, BigInt(stackEnd - stackBytes + 8192));
  bytes.set(contents, vmctx - loadAddress);
  put64(vmctx + vmctxHeader.store, BigInt(store));
  put64(vmctx + vmctxHeader.trapExit, BigInt(code + emitted.trapExit));
  put64(vmctx + vmctxHeader.stackLimit, BigInt(stackEnd - stackBytes + 8192));
  calls.forEach(({ f, args }, i) => {
    const signature = signatureOf.get(JSON.stringify(f.signature)) ?? 0;
    put64(stackEnd + recordBytes * i, BigInt(code + (emitted.entryTrampolines[signature] ?? 0)));
    put64(stackEnd + recordBytes * i + 8, BigInt(code + (starts.get(f) ?? 0)));
    put64(stackEnd + recordBytes * i + 16, BigInt(blocks + blockBytes * i));
    // What stands above a 32-bit parameter is anybody's guess.
    args.forEach((bits, n) => put64(blocks + blockBytes * i + argumentSlot * n, is32(f.signature.params[n] ?? '') ? bits | 0xdeadbeef00000000n : bits));
  });
  return { bytes, traps: new Map(Array.from(emitted.traps.pc, (pc, i) => [code + pc, emitted.traps.code[i] ?? 0])) };
}

/** Runs a program on a CPU that has no optional feature but these, and answers what it wrote. */
function outputOf({ bytes }: Program, features: ReadonlySet<string>): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'execution-'));
  const path = join(directory, 'program');
  writeFileSync(path, bytes, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(emulator ?? '', ['-cpu', ['rv64', ...rvTarget.features.map((name) => `${name}=${features.has(name)}`)].join(','), path], { maxBuffer: 1 << 28 });
  rmSync(directory, { recursive: true });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

function callsOf(texts: readonly string[], perFunction: number, seed: number): Call[] {
  const choose = choices(seed);
  const random = (): bigint => (BigInt(choose(0x7fffffff)) << 40n) ^ (BigInt(choose(0x7fffffff)) << 20n) ^ BigInt(choose(0x7fffffff));
  return texts.flatMap((text) => {
    const f = parseFunction(text);
    return Array.from({ length: perFunction }, () => ({
      f,
      text,
      args: f.signature.params.map((type) => BigInt.asUintN(is32(type) ? 32 : 64, choose(3) === 0 ? random() : (edges[choose(edges.length)] ?? 0n))),
    }));
  });
}

/** The calls whose outcome differs from the evaluator's, at most a few. */
function differences(calls: readonly Call[], target: Target = rvTarget, features: ReadonlySet<string> = baseline): string[] {
  const program = programOf(calls, target, features);
  const output = outputOf(program, features);
  expect(output.length).toBe(blockBytes * calls.length);
  const found: string[] = [];
  for (const [i, { f, text, args }] of calls.entries()) {
    const expected = evaluateAlone([f], args, { memory: contents });
    const at = blockBytes * i;
    const answer = at + (slotsPerBlock - 1) * argumentSlot;
    const trapped = output.readBigUInt64LE(answer) !== 0n;
    const trap = trapped ? (trapNameOf(program.traps.get(Number(output.readBigUInt64LE(answer + 8))) ?? -1) ?? 'a place without a trap') : 'none';
    const results = trapped ? [] : f.signature.results.map((type, n) => BigInt.asUintN(is32(type) ? 32 : 64, output.readBigUInt64LE(at + argumentSlot * n)));
    const agree = trap === expected.trap && results.every((bits, n) => bits === expected.results[n]);
    if (!agree && found.length < 5) found.push(`${text}(${args.join(', ')}): ${expected.trap} ${expected.results.join(', ')}, executed: ${trap} ${results.join(', ')}`);
  }
  return found;
}

const targetWith = (reach: Reach): Target => ({ ...rvTarget, createEmitter: (buffer) => new RvEmitter(buffer, reach) });

describe('riscv64 code, executed', () => {
  beforeEach(({ skip }) => skip(emulator === undefined, 'no qemu-riscv64 here: apt-get install qemu-user'));

  describe.each([['without extensions', baseline], ['with Zba and Zbb', new Set(rvTarget.features)]] as const)('%s', (_, features) => {
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
    const access = (line: string): string => functionOf(['i32', 'i64'], 'i32', ['v2 = uextend.i64 v0', 'v3 = iconst.i64 0', 'v4 = iadd v3, v2', 'v5 = iconst.i32 7', line, 'return v5']);
    const texts = [
      access('v6 = load.i32 memory trap=outOfBoundsMemoryAccess v4+16'),
      access('v6 = load.f64 memory trap=outOfBoundsTableAccess v4+100001'),
      access('store8 memory trap=uninitializedElement v5, v4'),
      functionOf(['i32', 'i64'], 'i32', ['v2 = iconst.i32 1', 'v3 = icmp ult v0, v2', 'trapnz v3, integerOverflow', 'trapz v1, integerDivideByZero', 'trap unreachable']),
    ];
    // Small addresses, which nobody maps.
    const calls = texts.flatMap((text) => [[0n, 0n], [1n, 0n], [100n, 1n]].map((args) => ({ f: parseFunction(text), text, args })));
    expect(differences(calls)).toEqual([]);
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
    const unfired = rvTarget.ruleNames.filter((name) => !control.firings.has(name));
    expect(unfired).toEqual(['stack_check', 'call', 'call_indirect', 'libcall']);
  });
});
