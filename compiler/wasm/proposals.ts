// What other proposals put into the bytes: instructions and types that are well-formed and refused by name.
// The lists follow the standard 3.0 (chapter 5.4 and index of instructions), and the proposals' own documents for threads,
// legacy exception handling, stack switching, wide arithmetic, memory control and custom descriptors.

/** Names under which features are refused. */
export const features = {
  simd: 'SIMD',
  relaxedSimd: 'relaxed SIMD',
  tailCalls: 'tail calls',
  exceptions: 'exception handling',
  legacyExceptions: 'legacy exception handling',
  functionReferences: 'typed function references',
  gc: 'garbage collection',
  memory64: 'memory64',
  table64: 'table64',
  threads: 'threads',
  stackSwitching: 'stack switching',
  wideArithmetic: 'wide arithmetic',
  memoryControl: 'memory control',
  customDescriptors: 'custom descriptors',
  components: 'component model',
  definedGlobalInConstant: 'garbage collection (global.get of a defined global in a constant expression)',
} as const;

export type FeatureName = (typeof features)[keyof typeof features];

/** Refused instructions: `[first number, names of consecutive numbers, feature]`; `-` is a number without an instruction. */
type Range = readonly [first: number, names: string, feature: FeatureName];

const singleByte: readonly Range[] = [
  [0x06, 'try catch', features.legacyExceptions],
  [0x08, 'throw', features.exceptions],
  [0x09, 'rethrow', features.legacyExceptions],
  [0x0a, 'throw_ref', features.exceptions],
  [0x12, 'return_call return_call_indirect', features.tailCalls],
  [0x14, 'call_ref return_call_ref', features.functionReferences],
  [0x18, 'delegate catch_all', features.legacyExceptions],
  [0x1f, 'try_table', features.exceptions],
  [0xd3, 'ref.eq', features.gc],
  [0xd4, 'ref.as_non_null br_on_null br_on_non_null', features.functionReferences],
  [0xe0, 'cont.new cont.bind suspend resume resume_throw resume_throw_ref switch', features.stackSwitching],
];

const prefixFb: readonly Range[] = [
  [0, 'struct.new struct.new_default struct.get struct.get_s struct.get_u struct.set', features.gc],
  [6, 'array.new array.new_default array.new_fixed array.new_data array.new_elem', features.gc],
  [11, 'array.get array.get_s array.get_u array.set array.len array.fill array.copy array.init_data array.init_elem', features.gc],
  [20, 'ref.test ref.test_null ref.cast ref.cast_null br_on_cast br_on_cast_fail', features.gc],
  [26, 'any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u', features.gc],
  [32, 'struct.new_desc struct.new_default_desc ref.get_desc ref.cast_desc ref.cast_desc_null br_on_cast_desc br_on_cast_desc_fail', features.customDescriptors],
];

const prefixFc: readonly Range[] = [
  [18, 'memory.discard', features.memoryControl],
  [19, 'i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u', features.wideArithmetic],
];

const prefixFd: readonly Range[] = [
  [0x00, 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u', features.simd],
  [0x07, 'v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.store v128.const', features.simd],
  [0x0d, 'i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat', features.simd],
  [0x15, 'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane', features.simd],
  [0x18, 'i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane', features.simd],
  [0x1d, 'i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane', features.simd],
  [0x23, 'i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u', features.simd],
  [0x2d, 'i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u', features.simd],
  [0x37, 'i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u', features.simd],
  [0x41, 'f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge', features.simd],
  [0x4d, 'v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true', features.simd],
  [0x54, 'v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane', features.simd],
  [0x58, 'v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane v128.load32_zero v128.load64_zero', features.simd],
  [0x5e, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', features.simd],
  [0x60, 'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u', features.simd],
  [0x67, 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest i8x16.shl i8x16.shr_s i8x16.shr_u', features.simd],
  [0x6e, 'i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u f64x2.ceil f64x2.floor', features.simd],
  [0x76, 'i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u', features.simd],
  [0x7c, 'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u', features.simd],
  [0x80, 'i16x8.abs i16x8.neg i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u', features.simd],
  [0x87, 'i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u', features.simd],
  [0x8b, 'i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u', features.simd],
  [0x94, 'f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u', features.simd],
  [0x9c, 'i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u', features.simd],
  [0xa0, 'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask - -', features.simd],
  [0xa7, 'i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u', features.simd],
  [0xab, 'i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add - - i32x4.sub - - - i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u', features.simd],
  [0xba, 'i32x4.dot_i16x8_s - i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u', features.simd],
  [0xc0, 'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask - -', features.simd],
  [0xc7, 'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u', features.simd],
  [0xcb, 'i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - - i64x2.mul', features.simd],
  [0xd6, 'i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s', features.simd],
  [0xdc, 'i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u', features.simd],
  [0xe0, 'f32x4.abs f32x4.neg - f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax', features.simd],
  [0xec, 'f64x2.abs f64x2.neg - f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax', features.simd],
  [0xf8, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u', features.simd],
  [0xfc, 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u', features.simd],
  [0x100, 'i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u', features.relaxedSimd],
  [0x103, 'i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero', features.relaxedSimd],
  [0x105, 'f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd', features.relaxedSimd],
  [0x109, 'i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect', features.relaxedSimd],
  [0x10d, 'f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max i16x8.relaxed_q15mulr_s', features.relaxedSimd],
  [0x112, 'i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s', features.relaxedSimd],
];

const prefixFe: readonly Range[] = [
  [0x00, 'memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64 atomic.fence', features.threads],
  [0x10, 'i32.atomic.load i64.atomic.load i32.atomic.load8_u i32.atomic.load16_u i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u', features.threads],
  [0x17, 'i32.atomic.store i64.atomic.store i32.atomic.store8 i32.atomic.store16 i64.atomic.store8 i64.atomic.store16 i64.atomic.store32', features.threads],
  ...(['add', 'sub', 'and', 'or', 'xor', 'xchg', 'cmpxchg'] as const).map((operation, place): Range => [0x1e + 7 * place, atomicForms(operation), features.threads]),
];

/** The seven widths of one atomic read-modify-write operation. */
function atomicForms(operation: string): string {
  return ['i32.atomic.rmw', 'i64.atomic.rmw', 'i32.atomic.rmw8', 'i32.atomic.rmw16', 'i64.atomic.rmw8', 'i64.atomic.rmw16', 'i64.atomic.rmw32']
    .map((stem) => `${stem}.${operation}${/\d$/.test(stem.slice(14)) ? '_u' : ''}`)
    .join(' ');
}

export interface RefusedInstruction {
  readonly name: string;
  readonly feature: FeatureName;
}

function index(ranges: readonly Range[]): ReadonlyMap<number, RefusedInstruction> {
  const found = new Map<number, RefusedInstruction>();
  for (const [first, names, feature] of ranges)
    names.split(' ').forEach((name, place) => {
      if (name !== '-') found.set(first + place, { name, feature });
    });
  return found;
}

const singleByteIndex = index(singleByte);
const prefixIndices: ReadonlyMap<number, ReadonlyMap<number, RefusedInstruction>> = new Map([
  [0xfb, index(prefixFb)],
  [0xfc, index(prefixFc)],
  [0xfd, index(prefixFd)],
  [0xfe, index(prefixFe)],
]);

/** Is this byte followed by an instruction's number? */
export const isPrefix = (byte: number): boolean => prefixIndices.has(byte);

/** The refused instruction with this code, if the code belongs to one; `number` is undefined for a single byte. */
export function maybeRefusedInstruction(byte: number, number: number | undefined): RefusedInstruction | undefined {
  return number === undefined ? singleByteIndex.get(byte) : prefixIndices.get(byte)?.get(number);
}

/** Features of type codes (bytes where a value, reference or heap type stands) that are refused. */
const typeFeatures: ReadonlyMap<number, FeatureName> = new Map<number, FeatureName>([
  [0x7b, features.simd],
  [0x78, features.gc], // i8
  [0x77, features.gc], // i16
  [0x75, features.stackSwitching], // nocont
  [0x74, features.exceptions], // noexn
  [0x73, features.gc], // nofunc
  [0x72, features.gc], // noextern
  [0x71, features.gc], // none
  [0x6e, features.gc], // any
  [0x6d, features.gc], // eq
  [0x6c, features.gc], // i31
  [0x6b, features.gc], // struct
  [0x6a, features.gc], // array
  [0x69, features.exceptions], // exn
  [0x68, features.stackSwitching], // cont
  [0x65, features.threads], // shared
  [0x64, features.functionReferences], // (ref ht)
  [0x63, features.functionReferences], // (ref null ht)
  [0x62, features.customDescriptors], // exact
]);

/** Why a type with this code is refused; undefined if the code means nothing. */
export function maybeTypeFeature(byte: number): FeatureName | undefined {
  return typeFeatures.get(byte);
}

/** Features of the codes that begin an entry of the type section. */
export const compositeTypeFeatures: ReadonlyMap<number, FeatureName> = new Map<number, FeatureName>([
  [0x5f, features.gc], // struct
  [0x5e, features.gc], // array
  [0x5d, features.stackSwitching], // cont
  [0x50, features.gc], // sub
  [0x4f, features.gc], // sub final
  [0x4e, features.gc], // rec
  [0x4d, features.customDescriptors], // descriptor
  [0x4c, features.customDescriptors], // describes
]);
