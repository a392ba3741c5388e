// The plainest value of each type, as code that is a constant expression too: zero, null, a struct of those.

import { codes } from './instructions.ts';
import { type DefinedType, indexOf, isNonNull, type StorageType, writeHeapType } from './types.ts';
import { type ByteWriter, writeOpcode } from './writer.ts';

/** Leaves the plainest value. A signature's value is the first function of that type, which exists wherever the signature is named. */
export function writePlainest(out: ByteWriter, defined: readonly DefinedType[], functions: readonly { readonly type: number }[], type: StorageType): void {
  switch (type) {
    case 'i32':
    case 'i8':
    case 'i16':
      out.u8(codes.i32Const);
      out.u8(0);
      return;
    case 'i64':
      out.u8(codes.i64Const);
      out.u8(0);
      return;
    case 'f32':
      out.u8(codes.f32Const);
      out.fixed32(0);
      return;
    case 'f64':
      out.u8(codes.f64Const);
      out.fixed32(0);
      out.fixed32(0);
      return;
    case 'v128':
      writeOpcode(out, codes.vectorConst);
      for (let i = 0; i < 4; i++) out.fixed32(0);
      return;
  }
  if (!isNonNull(type)) {
    out.u8(codes.refNull);
    writeHeapType(out, type);
    return;
  }
  const index = indexOf(type);
  const target = defined[index];
  if (target === undefined || target.kind === 'function') {
    out.u8(codes.refFunc);
    out.u32(functions.findIndex((f) => f.type === index));
    return;
  }
  for (const { storage } of target.fields) writePlainest(out, defined, functions, storage);
  if (target.kind === 'struct') writeOpcode(out, codes.structNew);
  else {
    out.u8(codes.i32Const);
    out.u8(1);
    writeOpcode(out, codes.arrayNew);
  }
  out.u32(index);
}
