// The table of IR opcodes: one row, one line. Printer, parser, verifier, evaluator, rule engine and selector read it.
//
// format   where the operands lie in the instruction record (see function.ts)
// result   'same': type of the first operand · 'control': the type written after the dot · 'i32' · 'none' · 'callee': from the signature
// operands classes of the operands: int | float | any | i32 | i64; 'x,x' means equal types
// effect   none:    pure; may be shared, moved, duplicated or dropped
//          guarded: pure where its check has passed; may be shared or dropped, but never moved above a trap, check or branch it follows
//          load:    reads memory, may trap if its flags say so
//          store:   writes memory, may trap if its flags say so
//          trap:    may stop execution; keeps its order with every other trap, store and call
//          call:    reads and writes everything, may trap
//          control: ends a block
//
// Integer semantics are those of the standard, 4.3.2 "Integer Operations", floats 4.3.3, with these differences in shape:
//   sdiv udiv urem: undefined for a zero divisor, sdiv also for INT_MIN / -1 (checks stand before them as trapz/trapnz);
//   srem: undefined for a zero divisor, 0 for INT_MIN % -1;
//   fcvt_to_sint/uint: undefined outside the range (checks stand before them); the _sat forms are total;
//   select_guard: a select that simplification must keep: it stops speculative execution from using an unchecked address.

export type Format =
  | 'nullary'
  | 'iconst'
  | 'fconst'
  | 'unary'
  | 'binary'
  | 'ternary'
  | 'icmp'
  | 'fcmp'
  | 'load'
  | 'store'
  | 'call'
  | 'call_indirect'
  | 'libcall'
  | 'jump'
  | 'brif'
  | 'br_table'
  | 'return'
  | 'trap'
  | 'trap_if';

export type Effect = 'none' | 'guarded' | 'load' | 'store' | 'trap' | 'call' | 'control';

export interface OpcodeRow {
  readonly format: Format;
  readonly result: 'same' | 'control' | 'i32' | 'none' | 'callee';
  readonly operands: string;
  readonly effect: Effect;
  readonly commutative?: true;
}

export const opcodes = {
  // constants and the pinned register
  iconst:           { format: 'iconst',  result: 'control', operands: '',            effect: 'none' },
  fconst:           { format: 'fconst',  result: 'control', operands: '',            effect: 'none' },
  vmctx:            { format: 'nullary', result: 'control', operands: '',            effect: 'none' },
  // integers
  iadd:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none', commutative: true },
  isub:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  imul:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none', commutative: true },
  sdiv:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'guarded' },
  udiv:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'guarded' },
  srem:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'guarded' },
  urem:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'guarded' },
  band:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none', commutative: true },
  bor:              { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none', commutative: true },
  bxor:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none', commutative: true },
  ishl:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  ushr:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  sshr:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  rotl:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  rotr:             { format: 'binary',  result: 'same',    operands: 'int,x',       effect: 'none' },
  clz:              { format: 'unary',   result: 'same',    operands: 'int',         effect: 'none' },
  ctz:              { format: 'unary',   result: 'same',    operands: 'int',         effect: 'none' },
  popcnt:           { format: 'unary',   result: 'same',    operands: 'int',         effect: 'none' },
  sextend8:         { format: 'unary',   result: 'same',    operands: 'int',         effect: 'none' },
  sextend16:        { format: 'unary',   result: 'same',    operands: 'int',         effect: 'none' },
  uextend:          { format: 'unary',   result: 'control', operands: 'i32',         effect: 'none' },
  sextend:          { format: 'unary',   result: 'control', operands: 'i32',         effect: 'none' },
  ireduce:          { format: 'unary',   result: 'control', operands: 'i64',         effect: 'none' },
  icmp:             { format: 'icmp',    result: 'i32',     operands: 'int,x',       effect: 'none' },
  // any type
  select:           { format: 'ternary', result: 'same',    operands: 'i32,any,x',   effect: 'none' },
  select_guard:     { format: 'ternary', result: 'same',    operands: 'i32,any,x',   effect: 'none' },
  bitcast:          { format: 'unary',   result: 'control', operands: 'any',         effect: 'none' },
  // floats
  fadd:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none', commutative: true },
  fsub:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none' },
  fmul:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none', commutative: true },
  fdiv:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none' },
  fmin:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none', commutative: true },
  fmax:             { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none', commutative: true },
  fcopysign:        { format: 'binary',  result: 'same',    operands: 'float,x',     effect: 'none' },
  fabs:             { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  fneg:             { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  fsqrt:            { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  fceil:            { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  ffloor:           { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  ftrunc:           { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  fnearest:         { format: 'unary',   result: 'same',    operands: 'float',       effect: 'none' },
  fcmp:             { format: 'fcmp',    result: 'i32',     operands: 'float,x',     effect: 'none' },
  fpromote:         { format: 'unary',   result: 'control', operands: 'float',       effect: 'none' },
  fdemote:          { format: 'unary',   result: 'control', operands: 'float',       effect: 'none' },
  fcvt_from_sint:   { format: 'unary',   result: 'control', operands: 'int',         effect: 'none' },
  fcvt_from_uint:   { format: 'unary',   result: 'control', operands: 'int',         effect: 'none' },
  fcvt_to_sint:     { format: 'unary',   result: 'control', operands: 'float',       effect: 'guarded' },
  fcvt_to_uint:     { format: 'unary',   result: 'control', operands: 'float',       effect: 'guarded' },
  fcvt_to_sint_sat: { format: 'unary',   result: 'control', operands: 'float',       effect: 'none' },
  fcvt_to_uint_sat: { format: 'unary',   result: 'control', operands: 'float',       effect: 'none' },
  // memory: address is an i64, plus a constant byte offset; the narrow forms extend to, or truncate from, the type
  load:             { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  uload8:           { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  sload8:           { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  uload16:          { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  sload16:          { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  uload32:          { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  sload32:          { format: 'load',    result: 'control', operands: 'i64',         effect: 'load' },
  store:            { format: 'store',   result: 'none',    operands: 'any,i64',     effect: 'store' },
  store8:           { format: 'store',   result: 'none',    operands: 'int,i64',     effect: 'store' },
  store16:          { format: 'store',   result: 'none',    operands: 'int,i64',     effect: 'store' },
  store32:          { format: 'store',   result: 'none',    operands: 'i64,i64',     effect: 'store' },
  // calls: `call` keeps the vmctx; `call_indirect` takes code address and callee's vmctx first
  call:             { format: 'call',    result: 'callee',  operands: 'list',        effect: 'call' },
  call_indirect:    { format: 'call_indirect', result: 'callee', operands: 'list',   effect: 'call' },
  libcall:          { format: 'libcall', result: 'callee',  operands: 'list',        effect: 'call' },
  // checks
  stack_check:      { format: 'nullary', result: 'none',    operands: '',            effect: 'trap' },
  trapz:            { format: 'trap_if', result: 'none',    operands: 'int',         effect: 'trap' },
  trapnz:           { format: 'trap_if', result: 'none',    operands: 'int',         effect: 'trap' },
  // ends of blocks
  jump:             { format: 'jump',    result: 'none',    operands: 'targets',     effect: 'control' },
  brif:             { format: 'brif',    result: 'none',    operands: 'i32,targets', effect: 'control' },
  br_table:         { format: 'br_table', result: 'none',   operands: 'i32,targets', effect: 'control' },
  return:           { format: 'return',  result: 'none',    operands: 'list',        effect: 'control' },
  trap:             { format: 'trap',    result: 'none',    operands: '',            effect: 'control' },
} as const satisfies Record<string, OpcodeRow>;

export type OpcodeName = keyof typeof opcodes;

/** An opcode's code as stored: its position in the table. */
export type Opcode = number & { readonly opcodeBrand: true };

const names = Object.keys(opcodes) as OpcodeName[];
const rows: readonly OpcodeRow[] = Object.values(opcodes);

export const opcodeCount = names.length;

/** Code of every opcode, by name: `op.iadd`. */
export const op = Object.fromEntries(names.map((name, code) => [name, code])) as Record<OpcodeName, Opcode>;

export function opcodeName(opcode: Opcode): OpcodeName {
  return names[opcode] as OpcodeName;
}
export function rowOf(opcode: Opcode): OpcodeRow {
  return rows[opcode] as OpcodeRow;
}
/** The opcode with this printed name, if there is one. */
export function maybeOpcode(name: string): Opcode | undefined {
  return Object.hasOwn(opcodes, name) ? op[name as OpcodeName] : undefined;
}
export function isTerminator(opcode: Opcode): boolean {
  return (rows[opcode] as OpcodeRow).effect === 'control';
}

/** Integer conditions; `code ^ 1` negates. */
export const icmpConditions = { eq: 0, ne: 1, slt: 2, sge: 3, sgt: 4, sle: 5, ult: 6, uge: 7, ugt: 8, ule: 9 } as const;
export type IcmpCondition = keyof typeof icmpConditions;
const icmpNames = Object.keys(icmpConditions) as IcmpCondition[];
export function icmpName(code: number): IcmpCondition {
  return icmpNames[code] as IcmpCondition;
}

/** Float conditions, all false on NaN except `ne`. */
export const fcmpConditions = { eq: 0, ne: 1, lt: 2, gt: 3, le: 4, ge: 5 } as const;
export type FcmpCondition = keyof typeof fcmpConditions;
const fcmpNames = Object.keys(fcmpConditions) as FcmpCondition[];
export function fcmpName(code: number): FcmpCondition {
  return fcmpNames[code] as FcmpCondition;
}
