// The table of wasm instructions this compiler knows: one row, one line. Reader, validator and translator are driven by it.
//
// code       the instruction's byte, or its prefix byte and number (standard, chapter 5.4 "Instructions")
// immediate  what follows the code, in order; 'type table' and the like are index pairs
// stack      operands, deepest first, and results; 'special': depends on the context, see function-validator.ts
// feature    the proposal that brought it, '1.0' for the first standard
// bytes      of a memory access: its width, which bounds the alignment
//
// Inside the compiler an instruction is named by its dense number: the byte itself, or 256 + number behind prefix 0xfc.
// Instructions of other proposals are in proposals.ts: known by name, refused.

import { type ValueTypeName, valueTypes } from './module.ts';

export type ImmediateKind =
  | 'none'
  | 'block'
  | 'label'
  | 'labels'
  | 'function'
  | 'type table'
  | 'types'
  | 'local'
  | 'global'
  | 'table'
  | 'element'
  | 'element table'
  | 'table table'
  | 'memarg'
  | 'memory'
  | 'data'
  | 'data memory'
  | 'memory memory'
  | 'reference type'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64';

export type InstructionFeature =
  | '1.0'
  | 'sign extension'
  | 'saturating conversions'
  | 'bulk memory'
  | 'reference types';

export interface InstructionRow {
  readonly code: readonly [number] | readonly [number, number];
  readonly immediate: ImmediateKind;
  readonly stack: string;
  readonly feature: InstructionFeature;
  readonly bytes?: 1 | 2 | 4 | 8;
}

export const instructions = {
  // control instructions
  unreachable:            { code: [0x00],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  nop:                    { code: [0x01],       immediate: 'none',            stack: '->',               feature: '1.0' },
  block:                  { code: [0x02],       immediate: 'block',           stack: 'special',          feature: '1.0' },
  loop:                   { code: [0x03],       immediate: 'block',           stack: 'special',          feature: '1.0' },
  if:                     { code: [0x04],       immediate: 'block',           stack: 'special',          feature: '1.0' },
  else:                   { code: [0x05],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  end:                    { code: [0x0b],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  br:                     { code: [0x0c],       immediate: 'label',           stack: 'special',          feature: '1.0' },
  br_if:                  { code: [0x0d],       immediate: 'label',           stack: 'special',          feature: '1.0' },
  br_table:               { code: [0x0e],       immediate: 'labels',          stack: 'special',          feature: '1.0' },
  return:                 { code: [0x0f],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  call:                   { code: [0x10],       immediate: 'function',        stack: 'special',          feature: '1.0' },
  call_indirect:          { code: [0x11],       immediate: 'type table',      stack: 'special',          feature: '1.0' },
  // parametric instructions
  drop:                   { code: [0x1a],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  select:                 { code: [0x1b],       immediate: 'none',            stack: 'special',          feature: '1.0' },
  'select t':             { code: [0x1c],       immediate: 'types',           stack: 'special',          feature: 'reference types' },
  // variable instructions
  'local.get':            { code: [0x20],       immediate: 'local',           stack: 'special',          feature: '1.0' },
  'local.set':            { code: [0x21],       immediate: 'local',           stack: 'special',          feature: '1.0' },
  'local.tee':            { code: [0x22],       immediate: 'local',           stack: 'special',          feature: '1.0' },
  'global.get':           { code: [0x23],       immediate: 'global',          stack: 'special',          feature: '1.0' },
  'global.set':           { code: [0x24],       immediate: 'global',          stack: 'special',          feature: '1.0' },
  // table instructions
  'table.get':            { code: [0x25],       immediate: 'table',           stack: 'special',          feature: 'reference types' },
  'table.set':            { code: [0x26],       immediate: 'table',           stack: 'special',          feature: 'reference types' },
  'table.init':           { code: [0xfc, 0x0c], immediate: 'element table',   stack: 'i32 i32 i32 ->',   feature: 'bulk memory' },
  'elem.drop':            { code: [0xfc, 0x0d], immediate: 'element',         stack: '->',               feature: 'bulk memory' },
  'table.copy':           { code: [0xfc, 0x0e], immediate: 'table table',     stack: 'i32 i32 i32 ->',   feature: 'bulk memory' },
  'table.grow':           { code: [0xfc, 0x0f], immediate: 'table',           stack: 'special',          feature: 'reference types' },
  'table.size':           { code: [0xfc, 0x10], immediate: 'table',           stack: '-> i32',           feature: 'reference types' },
  'table.fill':           { code: [0xfc, 0x11], immediate: 'table',           stack: 'special',          feature: 'reference types' },
  // memory instructions
  'i32.load':             { code: [0x28],       immediate: 'memarg',          stack: 'i32 -> i32',       feature: '1.0', bytes: 4 },
  'i64.load':             { code: [0x29],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 8 },
  'f32.load':             { code: [0x2a],       immediate: 'memarg',          stack: 'i32 -> f32',       feature: '1.0', bytes: 4 },
  'f64.load':             { code: [0x2b],       immediate: 'memarg',          stack: 'i32 -> f64',       feature: '1.0', bytes: 8 },
  'i32.load8_s':          { code: [0x2c],       immediate: 'memarg',          stack: 'i32 -> i32',       feature: '1.0', bytes: 1 },
  'i32.load8_u':          { code: [0x2d],       immediate: 'memarg',          stack: 'i32 -> i32',       feature: '1.0', bytes: 1 },
  'i32.load16_s':         { code: [0x2e],       immediate: 'memarg',          stack: 'i32 -> i32',       feature: '1.0', bytes: 2 },
  'i32.load16_u':         { code: [0x2f],       immediate: 'memarg',          stack: 'i32 -> i32',       feature: '1.0', bytes: 2 },
  'i64.load8_s':          { code: [0x30],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 1 },
  'i64.load8_u':          { code: [0x31],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 1 },
  'i64.load16_s':         { code: [0x32],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 2 },
  'i64.load16_u':         { code: [0x33],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 2 },
  'i64.load32_s':         { code: [0x34],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 4 },
  'i64.load32_u':         { code: [0x35],       immediate: 'memarg',          stack: 'i32 -> i64',       feature: '1.0', bytes: 4 },
  'i32.store':            { code: [0x36],       immediate: 'memarg',          stack: 'i32 i32 ->',       feature: '1.0', bytes: 4 },
  'i64.store':            { code: [0x37],       immediate: 'memarg',          stack: 'i32 i64 ->',       feature: '1.0', bytes: 8 },
  'f32.store':            { code: [0x38],       immediate: 'memarg',          stack: 'i32 f32 ->',       feature: '1.0', bytes: 4 },
  'f64.store':            { code: [0x39],       immediate: 'memarg',          stack: 'i32 f64 ->',       feature: '1.0', bytes: 8 },
  'i32.store8':           { code: [0x3a],       immediate: 'memarg',          stack: 'i32 i32 ->',       feature: '1.0', bytes: 1 },
  'i32.store16':          { code: [0x3b],       immediate: 'memarg',          stack: 'i32 i32 ->',       feature: '1.0', bytes: 2 },
  'i64.store8':           { code: [0x3c],       immediate: 'memarg',          stack: 'i32 i64 ->',       feature: '1.0', bytes: 1 },
  'i64.store16':          { code: [0x3d],       immediate: 'memarg',          stack: 'i32 i64 ->',       feature: '1.0', bytes: 2 },
  'i64.store32':          { code: [0x3e],       immediate: 'memarg',          stack: 'i32 i64 ->',       feature: '1.0', bytes: 4 },
  'memory.size':          { code: [0x3f],       immediate: 'memory',          stack: '-> i32',           feature: '1.0' },
  'memory.grow':          { code: [0x40],       immediate: 'memory',          stack: 'i32 -> i32',       feature: '1.0' },
  'memory.init':          { code: [0xfc, 0x08], immediate: 'data memory',     stack: 'i32 i32 i32 ->',   feature: 'bulk memory' },
  'data.drop':            { code: [0xfc, 0x09], immediate: 'data',            stack: '->',               feature: 'bulk memory' },
  'memory.copy':          { code: [0xfc, 0x0a], immediate: 'memory memory',   stack: 'i32 i32 i32 ->',   feature: 'bulk memory' },
  'memory.fill':          { code: [0xfc, 0x0b], immediate: 'memory',          stack: 'i32 i32 i32 ->',   feature: 'bulk memory' },
  // reference instructions
  'ref.null':             { code: [0xd0],       immediate: 'reference type',  stack: 'special',          feature: 'reference types' },
  'ref.is_null':          { code: [0xd1],       immediate: 'none',            stack: 'special',          feature: 'reference types' },
  'ref.func':             { code: [0xd2],       immediate: 'function',        stack: '-> funcref',       feature: 'reference types' },
  // numeric instructions: constants
  'i32.const':            { code: [0x41],       immediate: 'i32',             stack: '-> i32',           feature: '1.0' },
  'i64.const':            { code: [0x42],       immediate: 'i64',             stack: '-> i64',           feature: '1.0' },
  'f32.const':            { code: [0x43],       immediate: 'f32',             stack: '-> f32',           feature: '1.0' },
  'f64.const':            { code: [0x44],       immediate: 'f64',             stack: '-> f64',           feature: '1.0' },
  // numeric instructions: comparisons
  'i32.eqz':              { code: [0x45],       immediate: 'none',            stack: 'i32 -> i32',       feature: '1.0' },
  'i32.eq':               { code: [0x46],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.ne':               { code: [0x47],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.lt_s':             { code: [0x48],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.lt_u':             { code: [0x49],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.gt_s':             { code: [0x4a],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.gt_u':             { code: [0x4b],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.le_s':             { code: [0x4c],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.le_u':             { code: [0x4d],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.ge_s':             { code: [0x4e],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.ge_u':             { code: [0x4f],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i64.eqz':              { code: [0x50],       immediate: 'none',            stack: 'i64 -> i32',       feature: '1.0' },
  'i64.eq':               { code: [0x51],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.ne':               { code: [0x52],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.lt_s':             { code: [0x53],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.lt_u':             { code: [0x54],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.gt_s':             { code: [0x55],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.gt_u':             { code: [0x56],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.le_s':             { code: [0x57],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.le_u':             { code: [0x58],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.ge_s':             { code: [0x59],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'i64.ge_u':             { code: [0x5a],       immediate: 'none',            stack: 'i64 i64 -> i32',   feature: '1.0' },
  'f32.eq':               { code: [0x5b],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f32.ne':               { code: [0x5c],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f32.lt':               { code: [0x5d],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f32.gt':               { code: [0x5e],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f32.le':               { code: [0x5f],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f32.ge':               { code: [0x60],       immediate: 'none',            stack: 'f32 f32 -> i32',   feature: '1.0' },
  'f64.eq':               { code: [0x61],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  'f64.ne':               { code: [0x62],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  'f64.lt':               { code: [0x63],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  'f64.gt':               { code: [0x64],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  'f64.le':               { code: [0x65],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  'f64.ge':               { code: [0x66],       immediate: 'none',            stack: 'f64 f64 -> i32',   feature: '1.0' },
  // numeric instructions: arithmetic
  'i32.clz':              { code: [0x67],       immediate: 'none',            stack: 'i32 -> i32',       feature: '1.0' },
  'i32.ctz':              { code: [0x68],       immediate: 'none',            stack: 'i32 -> i32',       feature: '1.0' },
  'i32.popcnt':           { code: [0x69],       immediate: 'none',            stack: 'i32 -> i32',       feature: '1.0' },
  'i32.add':              { code: [0x6a],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.sub':              { code: [0x6b],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.mul':              { code: [0x6c],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.div_s':            { code: [0x6d],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.div_u':            { code: [0x6e],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.rem_s':            { code: [0x6f],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.rem_u':            { code: [0x70],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.and':              { code: [0x71],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.or':               { code: [0x72],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.xor':              { code: [0x73],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.shl':              { code: [0x74],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.shr_s':            { code: [0x75],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.shr_u':            { code: [0x76],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.rotl':             { code: [0x77],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i32.rotr':             { code: [0x78],       immediate: 'none',            stack: 'i32 i32 -> i32',   feature: '1.0' },
  'i64.clz':              { code: [0x79],       immediate: 'none',            stack: 'i64 -> i64',       feature: '1.0' },
  'i64.ctz':              { code: [0x7a],       immediate: 'none',            stack: 'i64 -> i64',       feature: '1.0' },
  'i64.popcnt':           { code: [0x7b],       immediate: 'none',            stack: 'i64 -> i64',       feature: '1.0' },
  'i64.add':              { code: [0x7c],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.sub':              { code: [0x7d],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.mul':              { code: [0x7e],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.div_s':            { code: [0x7f],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.div_u':            { code: [0x80],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.rem_s':            { code: [0x81],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.rem_u':            { code: [0x82],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.and':              { code: [0x83],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.or':               { code: [0x84],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.xor':              { code: [0x85],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.shl':              { code: [0x86],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.shr_s':            { code: [0x87],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.shr_u':            { code: [0x88],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.rotl':             { code: [0x89],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'i64.rotr':             { code: [0x8a],       immediate: 'none',            stack: 'i64 i64 -> i64',   feature: '1.0' },
  'f32.abs':              { code: [0x8b],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.neg':              { code: [0x8c],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.ceil':             { code: [0x8d],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.floor':            { code: [0x8e],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.trunc':            { code: [0x8f],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.nearest':          { code: [0x90],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.sqrt':             { code: [0x91],       immediate: 'none',            stack: 'f32 -> f32',       feature: '1.0' },
  'f32.add':              { code: [0x92],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.sub':              { code: [0x93],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.mul':              { code: [0x94],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.div':              { code: [0x95],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.min':              { code: [0x96],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.max':              { code: [0x97],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f32.copysign':         { code: [0x98],       immediate: 'none',            stack: 'f32 f32 -> f32',   feature: '1.0' },
  'f64.abs':              { code: [0x99],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.neg':              { code: [0x9a],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.ceil':             { code: [0x9b],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.floor':            { code: [0x9c],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.trunc':            { code: [0x9d],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.nearest':          { code: [0x9e],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.sqrt':             { code: [0x9f],       immediate: 'none',            stack: 'f64 -> f64',       feature: '1.0' },
  'f64.add':              { code: [0xa0],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.sub':              { code: [0xa1],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.mul':              { code: [0xa2],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.div':              { code: [0xa3],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.min':              { code: [0xa4],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.max':              { code: [0xa5],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  'f64.copysign':         { code: [0xa6],       immediate: 'none',            stack: 'f64 f64 -> f64',   feature: '1.0' },
  // numeric instructions: conversions
  'i32.wrap_i64':         { code: [0xa7],       immediate: 'none',            stack: 'i64 -> i32',       feature: '1.0' },
  'i32.trunc_f32_s':      { code: [0xa8],       immediate: 'none',            stack: 'f32 -> i32',       feature: '1.0' },
  'i32.trunc_f32_u':      { code: [0xa9],       immediate: 'none',            stack: 'f32 -> i32',       feature: '1.0' },
  'i32.trunc_f64_s':      { code: [0xaa],       immediate: 'none',            stack: 'f64 -> i32',       feature: '1.0' },
  'i32.trunc_f64_u':      { code: [0xab],       immediate: 'none',            stack: 'f64 -> i32',       feature: '1.0' },
  'i64.extend_i32_s':     { code: [0xac],       immediate: 'none',            stack: 'i32 -> i64',       feature: '1.0' },
  'i64.extend_i32_u':     { code: [0xad],       immediate: 'none',            stack: 'i32 -> i64',       feature: '1.0' },
  'i64.trunc_f32_s':      { code: [0xae],       immediate: 'none',            stack: 'f32 -> i64',       feature: '1.0' },
  'i64.trunc_f32_u':      { code: [0xaf],       immediate: 'none',            stack: 'f32 -> i64',       feature: '1.0' },
  'i64.trunc_f64_s':      { code: [0xb0],       immediate: 'none',            stack: 'f64 -> i64',       feature: '1.0' },
  'i64.trunc_f64_u':      { code: [0xb1],       immediate: 'none',            stack: 'f64 -> i64',       feature: '1.0' },
  'f32.convert_i32_s':    { code: [0xb2],       immediate: 'none',            stack: 'i32 -> f32',       feature: '1.0' },
  'f32.convert_i32_u':    { code: [0xb3],       immediate: 'none',            stack: 'i32 -> f32',       feature: '1.0' },
  'f32.convert_i64_s':    { code: [0xb4],       immediate: 'none',            stack: 'i64 -> f32',       feature: '1.0' },
  'f32.convert_i64_u':    { code: [0xb5],       immediate: 'none',            stack: 'i64 -> f32',       feature: '1.0' },
  'f32.demote_f64':       { code: [0xb6],       immediate: 'none',            stack: 'f64 -> f32',       feature: '1.0' },
  'f64.convert_i32_s':    { code: [0xb7],       immediate: 'none',            stack: 'i32 -> f64',       feature: '1.0' },
  'f64.convert_i32_u':    { code: [0xb8],       immediate: 'none',            stack: 'i32 -> f64',       feature: '1.0' },
  'f64.convert_i64_s':    { code: [0xb9],       immediate: 'none',            stack: 'i64 -> f64',       feature: '1.0' },
  'f64.convert_i64_u':    { code: [0xba],       immediate: 'none',            stack: 'i64 -> f64',       feature: '1.0' },
  'f64.promote_f32':      { code: [0xbb],       immediate: 'none',            stack: 'f32 -> f64',       feature: '1.0' },
  'i32.reinterpret_f32':  { code: [0xbc],       immediate: 'none',            stack: 'f32 -> i32',       feature: '1.0' },
  'i64.reinterpret_f64':  { code: [0xbd],       immediate: 'none',            stack: 'f64 -> i64',       feature: '1.0' },
  'f32.reinterpret_i32':  { code: [0xbe],       immediate: 'none',            stack: 'i32 -> f32',       feature: '1.0' },
  'f64.reinterpret_i64':  { code: [0xbf],       immediate: 'none',            stack: 'i64 -> f64',       feature: '1.0' },
  'i32.extend8_s':        { code: [0xc0],       immediate: 'none',            stack: 'i32 -> i32',       feature: 'sign extension' },
  'i32.extend16_s':       { code: [0xc1],       immediate: 'none',            stack: 'i32 -> i32',       feature: 'sign extension' },
  'i64.extend8_s':        { code: [0xc2],       immediate: 'none',            stack: 'i64 -> i64',       feature: 'sign extension' },
  'i64.extend16_s':       { code: [0xc3],       immediate: 'none',            stack: 'i64 -> i64',       feature: 'sign extension' },
  'i64.extend32_s':       { code: [0xc4],       immediate: 'none',            stack: 'i64 -> i64',       feature: 'sign extension' },
  'i32.trunc_sat_f32_s':  { code: [0xfc, 0x00], immediate: 'none',            stack: 'f32 -> i32',       feature: 'saturating conversions' },
  'i32.trunc_sat_f32_u':  { code: [0xfc, 0x01], immediate: 'none',            stack: 'f32 -> i32',       feature: 'saturating conversions' },
  'i32.trunc_sat_f64_s':  { code: [0xfc, 0x02], immediate: 'none',            stack: 'f64 -> i32',       feature: 'saturating conversions' },
  'i32.trunc_sat_f64_u':  { code: [0xfc, 0x03], immediate: 'none',            stack: 'f64 -> i32',       feature: 'saturating conversions' },
  'i64.trunc_sat_f32_s':  { code: [0xfc, 0x04], immediate: 'none',            stack: 'f32 -> i64',       feature: 'saturating conversions' },
  'i64.trunc_sat_f32_u':  { code: [0xfc, 0x05], immediate: 'none',            stack: 'f32 -> i64',       feature: 'saturating conversions' },
  'i64.trunc_sat_f64_s':  { code: [0xfc, 0x06], immediate: 'none',            stack: 'f64 -> i64',       feature: 'saturating conversions' },
  'i64.trunc_sat_f64_u':  { code: [0xfc, 0x07], immediate: 'none',            stack: 'f64 -> i64',       feature: 'saturating conversions' },
} as const satisfies Record<string, InstructionRow>;

export type InstructionName = keyof typeof instructions;

/** An instruction's dense number. */
export type Opcode = number & { readonly wasmOpcodeBrand: true };

/** Dense numbers lie below this. */
export const opcodeLimit = 256 + 18;
/** First dense number of the instructions behind prefix 0xfc. */
export const prefixedStart = 256;

const rowList: readonly (readonly [string, InstructionRow])[] = Object.entries(instructions);

function denseNumber(code: InstructionRow['code']): Opcode {
  return (code[1] === undefined ? code[0] : prefixedStart + code[1]) as Opcode;
}

/** Dense number of every instruction, by name: `opcode['i32.add']`. */
export const opcode = Object.fromEntries(rowList.map(([name, row]) => [name, denseNumber(row.code)])) as Record<InstructionName, Opcode>;

const namesByOpcode: (InstructionName | undefined)[] = new Array(opcodeLimit).fill(undefined);
for (const [name, row] of rowList) namesByOpcode[denseNumber(row.code)] = name as InstructionName;

/** The instruction with this dense number, if there is one. */
export function maybeInstructionName(dense: number): InstructionName | undefined {
  return namesByOpcode[dense];
}

// ---- what the hot loops read: the table as columns indexed by dense number

/** Kinds of immediates as small numbers. */
export const immediateKinds = {
  none: 0,
  block: 1,
  label: 2,
  labels: 3,
  function: 4,
  'type table': 5,
  types: 6,
  local: 7,
  global: 8,
  table: 9,
  element: 10,
  'element table': 11,
  'table table': 12,
  memarg: 13,
  memory: 14,
  data: 15,
  'data memory': 16,
  'memory memory': 17,
  'reference type': 18,
  i32: 19,
  i64: 20,
  f32: 21,
  f64: 22,
} as const satisfies Record<ImmediateKind, number>;

/** In `immediateColumn`: no instruction has this number. */
export const noInstruction = 255;
/** In `stackColumn`: the effect depends on the context. */
export const specialStack = -1;

const immediateColumn = new Uint8Array(opcodeLimit).fill(noInstruction);
const stackColumn = new Int32Array(opcodeLimit).fill(specialStack);
const alignmentColumn = new Uint8Array(opcodeLimit);

for (const [, row] of rowList) {
  const dense = denseNumber(row.code);
  immediateColumn[dense] = immediateKinds[row.immediate];
  stackColumn[dense] = packStack(row.stack);
  alignmentColumn[dense] = Math.log2(row.bytes ?? 1);
}

/**
 * Packs a stack effect: result type (bits 0–3, 0 for none), then the operand types, topmost first, four bits each.
 * The value types' numbers fit in four bits and 0 is none of them.
 */
function packStack(effect: string): number {
  if (effect === 'special') return specialStack;
  const [operands, results] = effect.split('->');
  const typesOf = (text: string | undefined): number[] =>
    (text ?? '').split(' ').filter((word) => word !== '').map((word) => valueTypes[word as ValueTypeName]);
  let packed = typesOf(results)[0] ?? 0;
  typesOf(operands).reverse().forEach((type, place) => (packed |= type << (4 + 4 * place)));
  return packed;
}

/** Number of the kind of immediate, or `noInstruction`. */
export const immediateOf = (dense: number): number => immediateColumn[dense] as number;
/** Packed stack effect, or `specialStack`. */
export const stackOf = (dense: number): number => stackColumn[dense] as number;
/** Binary logarithm of an access's width in bytes. */
export const naturalAlignmentOf = (dense: number): number => alignmentColumn[dense] as number;
