// Functions as text, each of one shape of pattern that lowering rules look for: what code of any ISA must compute as the evaluator does.
// The tests of each ISA run them on it (executed-program.ts) and add what is the ISA's own.

// ---- functions, as text

/** A function of these parameters, v0 and on; its first result is `type`. */
export const functionOf = (params: readonly string[], type: string, lines: readonly string[]): string =>
  `function f(${params.join(', ')}) -> ${type} {\nblock0(${params.map((p, i) => `v${i}: ${p}`).join(', ')}):\n${lines.join('\n')}\n}\n`;

const constants = [0, 1, -1, 2, 5, 255, 4095, 4096, -5, -4095, -4096, 4097, 0x5000, 0xfff000, -0xfff000, 0x1000000, 0x55555555, 0xff00, 0x7fffffff, -0x80000000];
const compared = [0, 1, -1, 255, 4096, -5, 4097, 0xff00, 0x55555555, -0x80000000];
const branch = ['brif v9, block1, block2', 'block1:', 'return v1', 'block2:', 'return v0'];

export function integerFunctions(type: 'i32' | 'i64'): string[] {
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

export function wideningFunctions(): string[] {
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

export function floatFunctions(type: 'f32' | 'f64'): string[] {
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

/** Constants of every mixture of quarters, and of every number of set bits. */
export function constantFunctions(choose: (n: number) => number): string[] {
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
export const vmctxBytes = 4096;
export const contents = Uint8Array.from({ length: vmctxBytes }, (_, i) => (i < 256 ? 0 : (i * 37 + (i >> 8) * 11 + 129) & 0xff));

/** Every load, and every store with the load that reads it back, at every shape of address. */
export function memoryFunctions(): string[] {
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
export function otherFunctions(): string[] {
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
export function combinedFunctions(): string[] {
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
export function longFunction(steps: number): string {
  const lines: string[] = ['v2 = iconst.i32 3', 'v3 = band v0, v2', 'jump block1(v3, v1)', 'block1(v4: i32, v5: i32):', 'brif v4, block2, block3(v5)', 'block2:'];
  for (let i = 0; i < steps; i++) {
    const [last, next] = [i === 0 ? 5 : 10 + 2 * (i - 1), 10 + 2 * i];
    lines.push(`v${next} = imul v${last}, v0`, `v${next + 1} = icmp ne v${next}, v0`, `trapz v${next + 1}, unreachable`);
  }
  lines.push('v6 = iconst.i32 1', 'v7 = isub v4, v6', `brif v${10 + 2 * (steps - 1)}, block1(v7, v${10 + 2 * (steps - 1)}), block3(v7)`, 'block3(v8: i32):', 'return v8');
  return functionOf(['i32', 'i32'], 'i32', lines);
}

export function tableFunctions(): string[] {
  const blocks = [0, 1, 2, 3, 4].flatMap((n) => [`block${n + 1}:`, `v${n + 2} = iconst.i32 ${n + 10}`, `return v${n + 2}`]);
  return [functionOf(['i32'], 'i32', ['br_table v0, [block1, block2, block3, block4], block5', ...blocks])];
}

/** Accesses that may fault and checks that may fail, told apart by what they say of the trap. The first parameter is an address. */
export function trappingFunctions(): string[] {
  const access = (line: string): string => functionOf(['i32', 'i64'], 'i32', ['v2 = uextend.i64 v0', 'v3 = iconst.i64 0', 'v4 = iadd v3, v2', 'v5 = iconst.i32 7', line, 'return v5']);
  return [
    access('v6 = load.i32 memory trap=outOfBoundsMemoryAccess v4+16'),
    access('v6 = load.f64 memory trap=outOfBoundsTableAccess v4+100001'),
    access('store8 memory trap=uninitializedElement v5, v4'),
    functionOf(['i32', 'i64'], 'i32', ['v2 = iconst.i32 1', 'v3 = icmp ult v0, v2', 'trapnz v3, integerOverflow', 'trapz v1, integerDivideByZero', 'trap unreachable']),
  ];
}
