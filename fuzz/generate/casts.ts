// Casts down: the trapping ones, and the branching ones with something else to fall back on.

import type { Body } from './body.ts';
import { codes } from './instructions.ts';
import { indexOf, isConcrete, isNonNull, type ReferenceType, writeHeapType } from './types.ts';

/** A supertype to cast from, in the hierarchy of `target`; undefined at its top. */
function drawSource(b: Body, target: ReferenceType): ReferenceType | undefined {
  if (target === 'anyref' || target === 'funcref' || target === 'externref' || target === 'exnref') return undefined;
  const type = isConcrete(target) ? b.swarm.defined[indexOf(target)] : undefined;
  if (type?.kind === 'function') return 'funcref';
  if (type !== undefined && type.supertype !== undefined && b.c.draw(2) === 1) return `null ${type.supertype}`;
  if (target === 'eqref') return 'anyref';
  return b.c.draw(2) === 0 ? 'anyref' : 'eqref';
}

function branch(b: Body, code: number, source: ReferenceType, target: ReferenceType): void {
  b.op(code);
  b.out.u8(1 | (isNonNull(target) ? 0 : 2));
  b.out.u32(0);
  writeHeapType(b.out, source);
  writeHeapType(b.out, target);
}

/** Leaves a value of `target`, come down from a supertype. */
export function writeCast(b: Body, target: ReferenceType, depth: number): void {
  const source = drawSource(b, target);
  if (source === undefined) {
    b.zero(target);
    return;
  }
  if (!b.isGuarded()) {
    b.expression(source, depth - 1);
    b.op(isNonNull(target) ? codes.refCast : codes.refCastNull);
    writeHeapType(b.out, target);
    return;
  }
  b.open(codes.block, [], [target]);
  b.expression(source, depth - 1);
  branch(b, codes.brOnCast, source, target);
  b.op(codes.drop);
  b.zero(target);
  b.close();
}

/** Leaves a value of `upper`, by way of a cast to `target` below it that may fail. */
export function writeFailingCast(b: Body, upper: ReferenceType, target: ReferenceType, depth: number): void {
  b.open(codes.block, [], [upper]);
  b.expression(upper, depth - 1);
  branch(b, codes.brOnCastFail, upper, target);
  b.close();
}

/** Leaves 1 where a value of a supertype is of `target`. */
export function writeTest(b: Body, target: ReferenceType, depth: number): void {
  const source = drawSource(b, target);
  if (source === undefined) {
    b.zero('i32');
    return;
  }
  b.expression(source, depth - 1);
  b.op(isNonNull(target) ? codes.refTest : codes.refTestNull);
  writeHeapType(b.out, target);
}
