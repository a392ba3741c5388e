// Whether two memories hold the same, without touching what nobody has touched.

import { maybeTouchedPages } from '../../compiler/inside.ts';

const pageBytes = 4096;
const zeros = new Uint8Array(16 * pageBytes);

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (!same(part, part.length === zeros.length ? zeros : zeros.subarray(0, part.length))) return false;
  }
  return true;
}

/**
 * Compares byte for byte; the lengths are equal. Pages of `sparse` that were never touched are zeros: only the other memory is looked at there.
 * Where the system does not say which they are, all are looked at.
 */
export function sameMemory(dense: Uint8Array, sparse: Uint8Array): boolean {
  const touched = maybeTouchedPages(sparse);
  if (touched === undefined) return same(dense, sparse);
  for (let first = 0; first < touched.length; ) {
    let end = first + 1;
    while (end < touched.length && touched[end] === touched[first]) end++;
    const part = dense.subarray(first * pageBytes, end * pageBytes);
    if (touched[first] === 0 ? !isZero(part) : !same(part, sparse.subarray(first * pageBytes, end * pageBytes))) return false;
    first = end;
  }
  return true;
}
