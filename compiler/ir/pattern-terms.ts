// One constructor of pattern terms per opcode, named like it; where that is a word of the language, with an underscore behind.
// Instructions with a list of operands, and those without any, match by opcode alone: a right side reads the rest from `inst`.
// Constants: integers are given sign-extended (`iconst(-1)`, never 0xffffffff), floats as their bits.

import { type FcmpCondition, type IcmpCondition, type Opcode, op } from './opcodes.ts';
import {
  type Captured,
  type ConditionPattern,
  type ConstantPattern,
  type MemoryPattern,
  type Pattern,
  anyCondition,
  constantTermOf,
  floatConditions,
  intConditions,
  opTerm,
} from './pattern.ts';

const root = (opcode: Opcode) => (): Pattern => ({ term: opTerm(opcode, []) });
const unary =
  (opcode: Opcode) =>
  <A extends Captured>(a: Pattern<A>): Pattern<A> => ({ term: opTerm(opcode, [a.term]) });
const binary =
  (opcode: Opcode) =>
  <A extends Captured, B extends Captured>(a: Pattern<A>, b: Pattern<B>): Pattern<A | B> => ({ term: opTerm(opcode, [a.term, b.term]) });
const ternary =
  (opcode: Opcode) =>
  <A extends Captured, B extends Captured, C extends Captured>(a: Pattern<A>, b: Pattern<B>, c: Pattern<C>): Pattern<A | B | C> => ({
    term: opTerm(opcode, [a.term, b.term, c.term]),
  });
const constant =
  (opcode: Opcode) =>
  <K extends Captured = never>(k: ConstantPattern<K> | number | bigint): Pattern<K> => ({
    term: { ...opTerm(opcode, []), constant: constantTermOf(k) },
  });
const loadTerm =
  (opcode: Opcode) =>
  <M extends Captured, A extends Captured>(memory: MemoryPattern<M>, address: Pattern<A>): Pattern<M | A> => ({
    term: { ...opTerm(opcode, [address.term]), memorySlot: memory.memorySlot },
  });
const storeTerm =
  (opcode: Opcode) =>
  <M extends Captured, V extends Captured, A extends Captured>(memory: MemoryPattern<M>, value: Pattern<V>, address: Pattern<A>): Pattern<M | V | A> => ({
    term: { ...opTerm(opcode, [value.term, address.term]), memorySlot: memory.memorySlot },
  });

export const iconst = constant(op.iconst);
export const fconst = constant(op.fconst);

/** The condition is a capture, a name, or `anyCondition`. */
export function icmp<C extends Captured, A extends Captured, B extends Captured>(
  condition: ConditionPattern<C> | IcmpCondition,
  a: Pattern<A>,
  b: Pattern<B>,
): Pattern<C | A | B> {
  const { conditions, slot } = typeof condition === 'string' ? intConditions(anyCondition, condition) : condition;
  return { term: { ...opTerm(op.icmp, [a.term, b.term]), conditions, conditionSlot: slot } };
}
export function fcmp<C extends Captured, A extends Captured, B extends Captured>(
  condition: ConditionPattern<C> | FcmpCondition,
  a: Pattern<A>,
  b: Pattern<B>,
): Pattern<C | A | B> {
  const { conditions, slot } = typeof condition === 'string' ? floatConditions(anyCondition, condition) : condition;
  return { term: { ...opTerm(op.fcmp, [a.term, b.term]), conditions, conditionSlot: slot } };
}

export const select = ternary(op.select);
export const select_guard = ternary(op.select_guard);

export const iadd = binary(op.iadd);
export const isub = binary(op.isub);
export const imul = binary(op.imul);
export const sdiv = binary(op.sdiv);
export const udiv = binary(op.udiv);
export const srem = binary(op.srem);
export const urem = binary(op.urem);
export const band = binary(op.band);
export const bor = binary(op.bor);
export const bxor = binary(op.bxor);
export const ishl = binary(op.ishl);
export const ushr = binary(op.ushr);
export const sshr = binary(op.sshr);
export const rotl = binary(op.rotl);
export const rotr = binary(op.rotr);
export const fadd = binary(op.fadd);
export const fsub = binary(op.fsub);
export const fmul = binary(op.fmul);
export const fdiv = binary(op.fdiv);
export const fmin = binary(op.fmin);
export const fmax = binary(op.fmax);
export const fcopysign = binary(op.fcopysign);

export const clz = unary(op.clz);
export const ctz = unary(op.ctz);
export const popcnt = unary(op.popcnt);
export const sextend8 = unary(op.sextend8);
export const sextend16 = unary(op.sextend16);
export const uextend = unary(op.uextend);
export const sextend = unary(op.sextend);
export const ireduce = unary(op.ireduce);
export const bitcast = unary(op.bitcast);
export const fabs = unary(op.fabs);
export const fneg = unary(op.fneg);
export const fsqrt = unary(op.fsqrt);
export const fceil = unary(op.fceil);
export const ffloor = unary(op.ffloor);
export const ftrunc = unary(op.ftrunc);
export const fnearest = unary(op.fnearest);
export const fpromote = unary(op.fpromote);
export const fdemote = unary(op.fdemote);
export const fcvt_from_sint = unary(op.fcvt_from_sint);
export const fcvt_from_uint = unary(op.fcvt_from_uint);
export const fcvt_to_sint = unary(op.fcvt_to_sint);
export const fcvt_to_uint = unary(op.fcvt_to_uint);
export const fcvt_to_sint_sat = unary(op.fcvt_to_sint_sat);
export const fcvt_to_uint_sat = unary(op.fcvt_to_uint_sat);

// loads take (memory, address), stores (memory, value, address)
export const load = loadTerm(op.load);
export const uload8 = loadTerm(op.uload8);
export const sload8 = loadTerm(op.sload8);
export const uload16 = loadTerm(op.uload16);
export const sload16 = loadTerm(op.sload16);
export const uload32 = loadTerm(op.uload32);
export const sload32 = loadTerm(op.sload32);
export const store = storeTerm(op.store);
export const store8 = storeTerm(op.store8);
export const store16 = storeTerm(op.store16);
export const store32 = storeTerm(op.store32);

export const trapz = unary(op.trapz);
export const trapnz = unary(op.trapnz);
export const brif = unary(op.brif);
export const br_table = unary(op.br_table);

export const call = root(op.call);
export const call_indirect = root(op.call_indirect);
export const libcall = root(op.libcall);
export const jump = root(op.jump);
export const return_ = root(op.return);
export const trap = root(op.trap);
export const stack_check = root(op.stack_check);
export const vmctx = root(op.vmctx);
