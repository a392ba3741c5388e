// The atomic instructions a generator can write (threads proposal, prefix 0xfe), one row each. With one thread they are loads, stores and
// read-modify-writes that trap when the address is not aligned; their alignment immediate must be the natural one.

export interface AtomicInstruction {
  readonly name: string;
  readonly code: number;
  readonly type: 'i32' | 'i64';
  /** Bytes accessed. */
  readonly width: 1 | 2 | 4 | 8;
  readonly kind: 'load' | 'store' | 'modify' | 'exchange';
}

// The order in which the seven widths follow each other, whatever the operation.
const accesses = [['i32', 4], ['i64', 8], ['i32', 1], ['i32', 2], ['i64', 1], ['i64', 2], ['i64', 4]] as const;

function seven(name: string, first: number, kind: AtomicInstruction['kind']): AtomicInstruction[] {
  return accesses.map(([type, width], index) => {
    const isNarrow = width < (type === 'i32' ? 4 : 8);
    const size = isNarrow ? String(8 * width) : '';
    const spelled = kind === 'load' || kind === 'store' ? `${name}${size}` : `rmw${size}.${name}`;
    return { name: `${type}.atomic.${spelled}${isNarrow && kind !== 'store' ? '_u' : ''}`, code: 0xfe00 + first + index, type, width, kind };
  });
}

export const atomicInstructions: readonly AtomicInstruction[] = [
  ...seven('load', 0x10, 'load'), ...seven('store', 0x17, 'store'), ...seven('add', 0x1e, 'modify'), ...seven('sub', 0x25, 'modify'), ...seven('and', 0x2c, 'modify'),
  ...seven('or', 0x33, 'modify'), ...seven('xor', 0x3a, 'modify'), ...seven('xchg', 0x41, 'modify'), ...seven('cmpxchg', 0x48, 'exchange'),
];

export const atomicCodes = { notify: 0xfe00, wait32: 0xfe01, wait64: 0xfe02, fence: 0xfe03 } as const;
