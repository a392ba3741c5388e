// Every instruction of the language: opcode, name, immediates, and its type where the type does not depend on context.
// Chapter: "Binary Format", section "Instructions" (opcodes, immediates); "Validation", section "Instructions" (types).
//
// An opcode is the byte itself, or (prefix << 12 | second) for the prefixed groups 0xFB..0xFE.
// A type is written as letters, operands then results: i i32, I i64, f f32, F f64, v v128; 'a' is the address type of the memory named.
// An absent type means the validator has a case of its own. `natural` is log2 of the bytes accessed.

/** What follows an opcode. */
export type Immediate =
  | 'none' | 'block' | 'tryTable' | 'label' | 'labels' | 'function' | 'type' | 'typeTable' | 'local' | 'global' | 'table' | 'tag'
  | 'memory' | 'memarg' | 'memargLane' | 'lane' | 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'shuffle' | 'selectTypes' | 'heap'
  | 'data' | 'elem' | 'dataMemory' | 'memoryMemory' | 'elemTable' | 'tableTable' | 'typeField' | 'typeType' | 'typeData' | 'typeElem'
  | 'typeCount' | 'cast' | 'zero';

export interface Instruction {
  readonly opcode: number;
  readonly name: string;
  readonly immediate: Immediate;
  readonly operands: string | undefined;
  readonly results: string;
  readonly natural: number;
}

const singles: (Instruction | undefined)[] = new Array<undefined>(256);
const prefixed: (Instruction | undefined)[][] = [[], [], [], []];

export const PREFIX_GC = 0xfb;
export const PREFIX_MISC = 0xfc;
export const PREFIX_VECTOR = 0xfd;
export const PREFIX_ATOMIC = 0xfe;

/** Joins a prefix byte and the number behind it. */
export function prefixedOpcode(prefix: number, second: number): number { return prefix << 12 | second; }

export function isPrefix(byte: number): boolean { return byte >= PREFIX_GC && byte <= PREFIX_ATOMIC; }

/** The instruction with a one-byte opcode. */
export function singleInstruction(byte: number): Instruction | undefined { return singles[byte]; }

/** The instruction behind a prefix byte. */
export function prefixedInstruction(prefix: number, second: number): Instruction | undefined {
  return prefixed[prefix - PREFIX_GC]?.[second];
}

function row(opcode: number, name: string, immediate: Immediate = 'none', type?: string, natural = 0): void {
  const [operands, results] = type?.split('>') ?? [];
  const instruction = { opcode, name, immediate, operands, results: results ?? '', natural };
  if (opcode < 0x100) singles[opcode] = instruction;
  else {
    const group = prefixed[(opcode >> 12) - PREFIX_GC];
    if (group !== undefined) group[opcode & 0xfff] = instruction;
  }
}

/** Consecutive opcodes of one type. */
function family(opcode: number, shape: string, type: string, names: string): void {
  names.split(' ').forEach((name, i) => { if (name !== '-') row(opcode + i, `${shape}.${name}`, 'none', type); });
}

// Control and parametric instructions.
row(0x00, 'unreachable');
row(0x01, 'nop', 'none', '>');
row(0x02, 'block', 'block');
row(0x03, 'loop', 'block');
row(0x04, 'if', 'block');
row(0x05, 'else');
row(0x08, 'throw', 'tag');
row(0x0a, 'throw_ref');
row(0x0b, 'end');
row(0x0c, 'br', 'label');
row(0x0d, 'br_if', 'label');
row(0x0e, 'br_table', 'labels');
row(0x0f, 'return');
row(0x10, 'call', 'function');
row(0x11, 'call_indirect', 'typeTable');
row(0x12, 'return_call', 'function');
row(0x13, 'return_call_indirect', 'typeTable');
row(0x14, 'call_ref', 'type');
row(0x15, 'return_call_ref', 'type');
row(0x1a, 'drop');
row(0x1b, 'select');
row(0x1c, 'select', 'selectTypes');
row(0x1f, 'try_table', 'tryTable');

// Variables and tables.
row(0x20, 'local.get', 'local');
row(0x21, 'local.set', 'local');
row(0x22, 'local.tee', 'local');
row(0x23, 'global.get', 'global');
row(0x24, 'global.set', 'global');
row(0x25, 'table.get', 'table');
row(0x26, 'table.set', 'table');

// Memory.
row(0x28, 'i32.load', 'memarg', 'a>i', 2);
row(0x29, 'i64.load', 'memarg', 'a>I', 3);
row(0x2a, 'f32.load', 'memarg', 'a>f', 2);
row(0x2b, 'f64.load', 'memarg', 'a>F', 3);
row(0x2c, 'i32.load8_s', 'memarg', 'a>i', 0);
row(0x2d, 'i32.load8_u', 'memarg', 'a>i', 0);
row(0x2e, 'i32.load16_s', 'memarg', 'a>i', 1);
row(0x2f, 'i32.load16_u', 'memarg', 'a>i', 1);
row(0x30, 'i64.load8_s', 'memarg', 'a>I', 0);
row(0x31, 'i64.load8_u', 'memarg', 'a>I', 0);
row(0x32, 'i64.load16_s', 'memarg', 'a>I', 1);
row(0x33, 'i64.load16_u', 'memarg', 'a>I', 1);
row(0x34, 'i64.load32_s', 'memarg', 'a>I', 2);
row(0x35, 'i64.load32_u', 'memarg', 'a>I', 2);
row(0x36, 'i32.store', 'memarg', 'ai>', 2);
row(0x37, 'i64.store', 'memarg', 'aI>', 3);
row(0x38, 'f32.store', 'memarg', 'af>', 2);
row(0x39, 'f64.store', 'memarg', 'aF>', 3);
row(0x3a, 'i32.store8', 'memarg', 'ai>', 0);
row(0x3b, 'i32.store16', 'memarg', 'ai>', 1);
row(0x3c, 'i64.store8', 'memarg', 'aI>', 0);
row(0x3d, 'i64.store16', 'memarg', 'aI>', 1);
row(0x3e, 'i64.store32', 'memarg', 'aI>', 2);
row(0x3f, 'memory.size', 'memory', '>a');
row(0x40, 'memory.grow', 'memory', 'a>a');

// Numbers.
row(0x41, 'i32.const', 'i32', '>i');
row(0x42, 'i64.const', 'i64', '>I');
row(0x43, 'f32.const', 'f32', '>f');
row(0x44, 'f64.const', 'f64', '>F');
family(0x45, 'i32', 'i>i', 'eqz');
family(0x46, 'i32', 'ii>i', 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
family(0x50, 'i64', 'I>i', 'eqz');
family(0x51, 'i64', 'II>i', 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
family(0x5b, 'f32', 'ff>i', 'eq ne lt gt le ge');
family(0x61, 'f64', 'FF>i', 'eq ne lt gt le ge');
family(0x67, 'i32', 'i>i', 'clz ctz popcnt');
family(0x6a, 'i32', 'ii>i', 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr');
family(0x79, 'i64', 'I>I', 'clz ctz popcnt');
family(0x7c, 'i64', 'II>I', 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr');
family(0x8b, 'f32', 'f>f', 'abs neg ceil floor trunc nearest sqrt');
family(0x92, 'f32', 'ff>f', 'add sub mul div min max copysign');
family(0x99, 'f64', 'F>F', 'abs neg ceil floor trunc nearest sqrt');
family(0xa0, 'f64', 'FF>F', 'add sub mul div min max copysign');
family(0xa7, 'i32', 'I>i', 'wrap_i64');
family(0xa8, 'i32', 'f>i', 'trunc_f32_s trunc_f32_u');
family(0xaa, 'i32', 'F>i', 'trunc_f64_s trunc_f64_u');
family(0xac, 'i64', 'i>I', 'extend_i32_s extend_i32_u');
family(0xae, 'i64', 'f>I', 'trunc_f32_s trunc_f32_u');
family(0xb0, 'i64', 'F>I', 'trunc_f64_s trunc_f64_u');
family(0xb2, 'f32', 'i>f', 'convert_i32_s convert_i32_u');
family(0xb4, 'f32', 'I>f', 'convert_i64_s convert_i64_u');
family(0xb6, 'f32', 'F>f', 'demote_f64');
family(0xb7, 'f64', 'i>F', 'convert_i32_s convert_i32_u');
family(0xb9, 'f64', 'I>F', 'convert_i64_s convert_i64_u');
family(0xbb, 'f64', 'f>F', 'promote_f32');
family(0xbc, 'i32', 'f>i', 'reinterpret_f32');
family(0xbd, 'i64', 'F>I', 'reinterpret_f64');
family(0xbe, 'f32', 'i>f', 'reinterpret_i32');
family(0xbf, 'f64', 'I>F', 'reinterpret_i64');
family(0xc0, 'i32', 'i>i', 'extend8_s extend16_s');
family(0xc2, 'i64', 'I>I', 'extend8_s extend16_s extend32_s');

// References.
row(0xd0, 'ref.null', 'heap');
row(0xd1, 'ref.is_null');
row(0xd2, 'ref.func', 'function');
row(0xd3, 'ref.eq');
row(0xd4, 'ref.as_non_null');
row(0xd5, 'br_on_null', 'label');
row(0xd6, 'br_on_non_null', 'label');

// 0xFB: structures, arrays, casts.
const gc = PREFIX_GC << 12;
row(gc | 0, 'struct.new', 'type');
row(gc | 1, 'struct.new_default', 'type');
row(gc | 2, 'struct.get', 'typeField');
row(gc | 3, 'struct.get_s', 'typeField');
row(gc | 4, 'struct.get_u', 'typeField');
row(gc | 5, 'struct.set', 'typeField');
row(gc | 6, 'array.new', 'type');
row(gc | 7, 'array.new_default', 'type');
row(gc | 8, 'array.new_fixed', 'typeCount');
row(gc | 9, 'array.new_data', 'typeData');
row(gc | 10, 'array.new_elem', 'typeElem');
row(gc | 11, 'array.get', 'type');
row(gc | 12, 'array.get_s', 'type');
row(gc | 13, 'array.get_u', 'type');
row(gc | 14, 'array.set', 'type');
row(gc | 15, 'array.len');
row(gc | 16, 'array.fill', 'type');
row(gc | 17, 'array.copy', 'typeType');
row(gc | 18, 'array.init_data', 'typeData');
row(gc | 19, 'array.init_elem', 'typeElem');
row(gc | 20, 'ref.test', 'heap');
row(gc | 21, 'ref.test null', 'heap');
row(gc | 22, 'ref.cast', 'heap');
row(gc | 23, 'ref.cast null', 'heap');
row(gc | 24, 'br_on_cast', 'cast');
row(gc | 25, 'br_on_cast_fail', 'cast');
row(gc | 26, 'any.convert_extern');
row(gc | 27, 'extern.convert_any');
row(gc | 28, 'ref.i31');
row(gc | 29, 'i31.get_s');
row(gc | 30, 'i31.get_u');

// 0xFC: saturating conversions, bulk memory and tables.
const misc = PREFIX_MISC << 12;
family(misc | 0, 'i32', 'f>i', 'trunc_sat_f32_s trunc_sat_f32_u');
family(misc | 2, 'i32', 'F>i', 'trunc_sat_f64_s trunc_sat_f64_u');
family(misc | 4, 'i64', 'f>I', 'trunc_sat_f32_s trunc_sat_f32_u');
family(misc | 6, 'i64', 'F>I', 'trunc_sat_f64_s trunc_sat_f64_u');
row(misc | 8, 'memory.init', 'dataMemory');
row(misc | 9, 'data.drop', 'data');
row(misc | 10, 'memory.copy', 'memoryMemory');
row(misc | 11, 'memory.fill', 'memory');
row(misc | 12, 'table.init', 'elemTable');
row(misc | 13, 'elem.drop', 'elem');
row(misc | 14, 'table.copy', 'tableTable');
row(misc | 15, 'table.grow', 'table');
row(misc | 16, 'table.size', 'table');
row(misc | 17, 'table.fill', 'table');

// 0xFD: vectors.
const simd = PREFIX_VECTOR << 12;
row(simd | 0x00, 'v128.load', 'memarg', 'a>v', 4);
row(simd | 0x01, 'v128.load8x8_s', 'memarg', 'a>v', 3);
row(simd | 0x02, 'v128.load8x8_u', 'memarg', 'a>v', 3);
row(simd | 0x03, 'v128.load16x4_s', 'memarg', 'a>v', 3);
row(simd | 0x04, 'v128.load16x4_u', 'memarg', 'a>v', 3);
row(simd | 0x05, 'v128.load32x2_s', 'memarg', 'a>v', 3);
row(simd | 0x06, 'v128.load32x2_u', 'memarg', 'a>v', 3);
row(simd | 0x07, 'v128.load8_splat', 'memarg', 'a>v', 0);
row(simd | 0x08, 'v128.load16_splat', 'memarg', 'a>v', 1);
row(simd | 0x09, 'v128.load32_splat', 'memarg', 'a>v', 2);
row(simd | 0x0a, 'v128.load64_splat', 'memarg', 'a>v', 3);
row(simd | 0x0b, 'v128.store', 'memarg', 'av>', 4);
row(simd | 0x0c, 'v128.const', 'v128', '>v');
row(simd | 0x0d, 'i8x16.shuffle', 'shuffle', 'vv>v');
row(simd | 0x0e, 'i8x16.swizzle', 'none', 'vv>v');
row(simd | 0x0f, 'i8x16.splat', 'none', 'i>v');
row(simd | 0x10, 'i16x8.splat', 'none', 'i>v');
row(simd | 0x11, 'i32x4.splat', 'none', 'i>v');
row(simd | 0x12, 'i64x2.splat', 'none', 'I>v');
row(simd | 0x13, 'f32x4.splat', 'none', 'f>v');
row(simd | 0x14, 'f64x2.splat', 'none', 'F>v');
row(simd | 0x15, 'i8x16.extract_lane_s', 'lane', 'v>i', 0);
row(simd | 0x16, 'i8x16.extract_lane_u', 'lane', 'v>i', 0);
row(simd | 0x17, 'i8x16.replace_lane', 'lane', 'vi>v', 0);
row(simd | 0x18, 'i16x8.extract_lane_s', 'lane', 'v>i', 1);
row(simd | 0x19, 'i16x8.extract_lane_u', 'lane', 'v>i', 1);
row(simd | 0x1a, 'i16x8.replace_lane', 'lane', 'vi>v', 1);
row(simd | 0x1b, 'i32x4.extract_lane', 'lane', 'v>i', 2);
row(simd | 0x1c, 'i32x4.replace_lane', 'lane', 'vi>v', 2);
row(simd | 0x1d, 'i64x2.extract_lane', 'lane', 'v>I', 3);
row(simd | 0x1e, 'i64x2.replace_lane', 'lane', 'vI>v', 3);
row(simd | 0x1f, 'f32x4.extract_lane', 'lane', 'v>f', 2);
row(simd | 0x20, 'f32x4.replace_lane', 'lane', 'vf>v', 2);
row(simd | 0x21, 'f64x2.extract_lane', 'lane', 'v>F', 3);
row(simd | 0x22, 'f64x2.replace_lane', 'lane', 'vF>v', 3);
family(simd | 0x23, 'i8x16', 'vv>v', 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
family(simd | 0x2d, 'i16x8', 'vv>v', 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
family(simd | 0x37, 'i32x4', 'vv>v', 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
family(simd | 0x41, 'f32x4', 'vv>v', 'eq ne lt gt le ge');
family(simd | 0x47, 'f64x2', 'vv>v', 'eq ne lt gt le ge');
family(simd | 0x4d, 'v128', 'v>v', 'not');
family(simd | 0x4e, 'v128', 'vv>v', 'and andnot or xor');
family(simd | 0x52, 'v128', 'vvv>v', 'bitselect');
family(simd | 0x53, 'v128', 'v>i', 'any_true');
row(simd | 0x54, 'v128.load8_lane', 'memargLane', 'av>v', 0);
row(simd | 0x55, 'v128.load16_lane', 'memargLane', 'av>v', 1);
row(simd | 0x56, 'v128.load32_lane', 'memargLane', 'av>v', 2);
row(simd | 0x57, 'v128.load64_lane', 'memargLane', 'av>v', 3);
row(simd | 0x58, 'v128.store8_lane', 'memargLane', 'av>', 0);
row(simd | 0x59, 'v128.store16_lane', 'memargLane', 'av>', 1);
row(simd | 0x5a, 'v128.store32_lane', 'memargLane', 'av>', 2);
row(simd | 0x5b, 'v128.store64_lane', 'memargLane', 'av>', 3);
row(simd | 0x5c, 'v128.load32_zero', 'memarg', 'a>v', 2);
row(simd | 0x5d, 'v128.load64_zero', 'memarg', 'a>v', 3);
family(simd | 0x5e, 'f32x4', 'v>v', 'demote_f64x2_zero');
family(simd | 0x5f, 'f64x2', 'v>v', 'promote_low_f32x4');
family(simd | 0x60, 'i8x16', 'v>v', 'abs neg popcnt');
family(simd | 0x63, 'i8x16', 'v>i', 'all_true bitmask');
family(simd | 0x65, 'i8x16', 'vv>v', 'narrow_i16x8_s narrow_i16x8_u');
family(simd | 0x67, 'f32x4', 'v>v', 'ceil floor trunc nearest');
family(simd | 0x6b, 'i8x16', 'vi>v', 'shl shr_s shr_u');
family(simd | 0x6e, 'i8x16', 'vv>v', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
family(simd | 0x74, 'f64x2', 'v>v', 'ceil floor');
family(simd | 0x76, 'i8x16', 'vv>v', 'min_s min_u max_s max_u');
family(simd | 0x7a, 'f64x2', 'v>v', 'trunc');
family(simd | 0x7b, 'i8x16', 'vv>v', 'avgr_u');
family(simd | 0x7c, 'i16x8', 'v>v', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u');
family(simd | 0x7e, 'i32x4', 'v>v', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u');
family(simd | 0x80, 'i16x8', 'v>v', 'abs neg');
family(simd | 0x82, 'i16x8', 'vv>v', 'q15mulr_sat_s');
family(simd | 0x83, 'i16x8', 'v>i', 'all_true bitmask');
family(simd | 0x85, 'i16x8', 'vv>v', 'narrow_i32x4_s narrow_i32x4_u');
family(simd | 0x87, 'i16x8', 'v>v', 'extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u');
family(simd | 0x8b, 'i16x8', 'vi>v', 'shl shr_s shr_u');
family(simd | 0x8e, 'i16x8', 'vv>v', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
family(simd | 0x94, 'f64x2', 'v>v', 'nearest');
family(simd | 0x95, 'i16x8', 'vv>v', 'mul min_s min_u max_s max_u - avgr_u');
family(simd | 0x9c, 'i16x8', 'vv>v', 'extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u');
family(simd | 0xa0, 'i32x4', 'v>v', 'abs neg');
family(simd | 0xa3, 'i32x4', 'v>i', 'all_true bitmask');
family(simd | 0xa7, 'i32x4', 'v>v', 'extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u');
family(simd | 0xab, 'i32x4', 'vi>v', 'shl shr_s shr_u');
family(simd | 0xae, 'i32x4', 'vv>v', 'add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s');
family(simd | 0xbc, 'i32x4', 'vv>v', 'extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u');
family(simd | 0xc0, 'i64x2', 'v>v', 'abs neg');
family(simd | 0xc3, 'i64x2', 'v>i', 'all_true bitmask');
family(simd | 0xc7, 'i64x2', 'v>v', 'extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u');
family(simd | 0xcb, 'i64x2', 'vi>v', 'shl shr_s shr_u');
family(simd | 0xce, 'i64x2', 'vv>v', 'add - - sub - - - mul eq ne lt_s gt_s le_s ge_s');
family(simd | 0xdc, 'i64x2', 'vv>v', 'extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u');
family(simd | 0xe0, 'f32x4', 'v>v', 'abs neg - sqrt');
family(simd | 0xe4, 'f32x4', 'vv>v', 'add sub mul div min max pmin pmax');
family(simd | 0xec, 'f64x2', 'v>v', 'abs neg - sqrt');
family(simd | 0xf0, 'f64x2', 'vv>v', 'add sub mul div min max pmin pmax');
family(simd | 0xf8, 'i32x4', 'v>v', 'trunc_sat_f32x4_s trunc_sat_f32x4_u');
family(simd | 0xfa, 'f32x4', 'v>v', 'convert_i32x4_s convert_i32x4_u');
family(simd | 0xfc, 'i32x4', 'v>v', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero');
family(simd | 0xfe, 'f64x2', 'v>v', 'convert_low_i32x4_s convert_low_i32x4_u');
family(simd | 0x100, 'i8x16', 'vv>v', 'relaxed_swizzle');
family(simd | 0x101, 'i32x4', 'v>v', 'relaxed_trunc_f32x4_s relaxed_trunc_f32x4_u relaxed_trunc_f64x2_s_zero relaxed_trunc_f64x2_u_zero');
family(simd | 0x105, 'f32x4', 'vvv>v', 'relaxed_madd relaxed_nmadd');
family(simd | 0x107, 'f64x2', 'vvv>v', 'relaxed_madd relaxed_nmadd');
family(simd | 0x109, 'i8x16', 'vvv>v', 'relaxed_laneselect');
family(simd | 0x10a, 'i16x8', 'vvv>v', 'relaxed_laneselect');
family(simd | 0x10b, 'i32x4', 'vvv>v', 'relaxed_laneselect');
family(simd | 0x10c, 'i64x2', 'vvv>v', 'relaxed_laneselect');
family(simd | 0x10d, 'f32x4', 'vv>v', 'relaxed_min relaxed_max');
family(simd | 0x10f, 'f64x2', 'vv>v', 'relaxed_min relaxed_max');
family(simd | 0x111, 'i16x8', 'vv>v', 'relaxed_q15mulr_s relaxed_dot_i8x16_i7x16_s');
family(simd | 0x113, 'i32x4', 'vvv>v', 'relaxed_dot_i8x16_i7x16_add_s');

// 0xFE: atomics (threads proposal, "Atomic Memory Instructions").
const atomic = PREFIX_ATOMIC << 12;
row(atomic | 0x00, 'memory.atomic.notify', 'memarg', 'ai>i', 2);
row(atomic | 0x01, 'memory.atomic.wait32', 'memarg', 'aiI>i', 2);
row(atomic | 0x02, 'memory.atomic.wait64', 'memarg', 'aII>i', 3);
row(atomic | 0x03, 'atomic.fence', 'zero', '>');

const atomicWidths = [
  { prefix: 'i32', suffix: '', value: 'i', natural: 2 },
  { prefix: 'i64', suffix: '', value: 'I', natural: 3 },
  { prefix: 'i32', suffix: '8', value: 'i', natural: 0 },
  { prefix: 'i32', suffix: '16', value: 'i', natural: 1 },
  { prefix: 'i64', suffix: '8', value: 'I', natural: 0 },
  { prefix: 'i64', suffix: '16', value: 'I', natural: 1 },
  { prefix: 'i64', suffix: '32', value: 'I', natural: 2 },
] as const;
atomicWidths.forEach(({ prefix, suffix, value, natural }, i) => {
  const unsigned = suffix === '' ? '' : '_u';
  row(atomic | 0x10 + i, `${prefix}.atomic.load${suffix}${unsigned}`, 'memarg', `a>${value}`, natural);
  row(atomic | 0x17 + i, `${prefix}.atomic.store${suffix}`, 'memarg', `a${value}>`, natural);
  ['add', 'sub', 'and', 'or', 'xor', 'xchg'].forEach((operator, k) => {
    row(atomic | 0x1e + 7 * k + i, `${prefix}.atomic.rmw${suffix}.${operator}${unsigned}`, 'memarg', `a${value}>${value}`, natural);
  });
  row(atomic | 0x48 + i, `${prefix}.atomic.rmw${suffix}.cmpxchg${unsigned}`, 'memarg', `a${value}${value}>${value}`, natural);
});
