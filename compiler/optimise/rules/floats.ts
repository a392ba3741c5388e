// Floats: only what holds for every bit pattern, or changes nothing but which of the NaNs allowed by the standard comes out.
// Not here, because they would let a signalling NaN through that an operator must quiet: x + -0.0, x * 1.0, x / 1.0, min(x, x), demote(promote(x)).
// An operator that gets a canonical NaN must give one; sign operations and bitcasts keep a NaN's payload, so moving them across an operator's
// operand does not change which NaNs it may give.

import { op } from '../../ir/opcodes.ts';
import { type ConstantTest, bind, k, typed, w, where, x, y } from '../../ir/pattern.ts';
import { bitcast, fabs, fadd, fceil, fconst, fcopysign, fdiv, ffloor, fmul, fnearest, fneg, fsub, ftrunc } from '../../ir/pattern-terms.ts';
import { type Type, f32, f64 } from '../../ir/types.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

/** A power of two whose reciprocal is a normal number too: dividing by it and multiplying by the reciprocal round alike. */
const exactReciprocal: ConstantTest = (low, high, type) => {
  if (type === f32) {
    const exponent = (low >>> 23) & 0xff;
    return (low & 0x7f_ffff) === 0 && exponent > 0 && exponent < 254;
  }
  const exponent = (high >>> 20) & 0x7ff;
  return low === 0 && (high & 0xf_ffff) === 0 && exponent > 0 && exponent < 2046;
};

/** Bits of the reciprocal of such a power of two: the exponent mirrored at the bias, the sign kept. */
function reciprocal(low: number, high: number, type: Type | 0): bigint {
  if (type === f32) return BigInt(((low & 0x8000_0000) | ((254 - ((low >>> 23) & 0xff)) << 23)) >>> 0);
  return BigInt(((high & 0x8000_0000) | ((2046 - ((high >>> 20) & 0x7ff)) << 20)) >>> 0) << 32n;
}

export const floatRules: readonly SimplificationRule[] = [
  rule('fneg.twice',          fneg(fneg(x)),                          ({ x }) => x),
  rule('fabs.twice',          fabs(bind(w, fabs(x))),                 ({ w }) => w),
  rule('fabs.negated',        fabs(fneg(x)),                          ({ x }, c) => c.unary(op.fabs, x)),
  rule('fabs.copysign',       fabs(fcopysign(x, y)),                  ({ x }, c) => c.unary(op.fabs, x)),
  rule('fcopysign.same',      fcopysign(x, x),                        ({ x }) => x),
  rule('fcopysign.of-fneg',   fcopysign(fneg(x), y),                  ({ x, y }, c) => c.binary(op.fcopysign, x, y)),
  rule('fcopysign.of-fabs',   fcopysign(fabs(x), y),                  ({ x, y }, c) => c.binary(op.fcopysign, x, y)),
  rule('fcopysign.from-fabs', fcopysign(x, fabs(y)),                  ({ x }, c) => c.unary(op.fabs, x)),
  rule('fadd.negated',        fadd(x, fneg(y)),                       ({ x, y }, c) => c.binary(op.fsub, x, y)),
  rule('fsub.negated',        fsub(x, fneg(y)),                       ({ x, y }, c) => c.binary(op.fadd, x, y)),
  rule('fmul.negated',        fmul(fneg(x), fneg(y)),                 ({ x, y }, c) => c.binary(op.fmul, x, y)),
  rule('fdiv.negated',        fdiv(fneg(x), fneg(y)),                 ({ x, y }, c) => c.binary(op.fdiv, x, y)),
  rule('fmul.two',            typed(f32, fmul(x, fconst(0x4000_0000))), ({ x }, c) => c.binary(op.fadd, x, x)),
  rule('fmul.wide-two',       typed(f64, fmul(x, fconst(0x4000_0000_0000_0000n))), ({ x }, c) => c.binary(op.fadd, x, x)),
  rule('fdiv.reciprocal',     fdiv(x, fconst(where(k, exactReciprocal))), ({ x, kLow, kHigh, type }, c) => c.binary(op.fmul, x, c.fconst(type, reciprocal(kLow, kHigh, type)))),
  rule('fceil.twice',         fceil(bind(w, fceil(x))),               ({ w }) => w),
  rule('ffloor.twice',        ffloor(bind(w, ffloor(x))),             ({ w }) => w),
  rule('ftrunc.twice',        ftrunc(bind(w, ftrunc(x))),             ({ w }) => w),
  rule('fnearest.twice',      fnearest(bind(w, fnearest(x))),         ({ w }) => w),
  rule('bitcast.twice',       bitcast(bitcast(x)),                    ({ x }) => x),
];
