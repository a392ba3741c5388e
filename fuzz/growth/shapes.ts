// Modules that are large in one way: each shape makes a module of a size, and a module of twice the size is about twice as long. All of them are valid, and
// what takes part in them is what compilers of other languages produce when a program grows.

import { type ByteWriter, moduleHeader, sectionIds, vectorSection, written } from '../generate/writer.ts';

export interface Shape {
  readonly name: string;
  readonly summary: string;
  /** A size at which the shape's own cost stands out from what every compilation costs. */
  readonly size: number;
  make(n: number): Uint8Array;
}

const i32 = 0x7f;
const f64 = 0x7c;

const op = {
  block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, call: 0x10, drop: 0x1a,
  localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24, load: 0x28, store: 0x36, i32Const: 0x41, f64Const: 0x44, eqz: 0x45, i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, f64Add: 0xa0,
} as const;
const empty = 0x40;

type Write = (w: ByteWriter) => void;

/** One function: its type's index, locals of its own in groups, and its instructions without the closing end. */
interface Body {
  readonly type: number;
  readonly locals?: readonly (readonly [number, number])[];
  readonly code: Write;
}

interface Parts {
  readonly types?: readonly Write[];
  readonly functions: readonly Body[];
  readonly table?: readonly number[];
  readonly hasMemory?: true;
  readonly globals?: number;
  readonly exports?: readonly number[];
  readonly data?: number;
}

const functionType = (params: readonly number[], results: readonly number[]): Write => (w) => {
  w.u8(0x60);
  for (const list of [params, results]) {
    w.u32(list.length);
    for (const type of list) w.u8(type);
  }
};

/** An i32 from an i32; what most shapes need. */
const unary = functionType([i32], [i32]);

const constant = (w: ByteWriter, value: number): void => {
  w.u8(op.i32Const);
  w.s32(value);
};
const get = (w: ByteWriter, local: number): void => {
  w.u8(op.localGet);
  w.u32(local);
};
const set = (w: ByteWriter, local: number): void => {
  w.u8(op.localSet);
  w.u32(local);
};

/** `local` and a constant, and an operation on both. */
const combine = (w: ByteWriter, local: number, value: number, operation: number): void => {
  get(w, local);
  constant(w, value);
  w.u8(operation);
};
/** The end of a loop that goes on while local 0, less a step, is not zero. */
const endLoop = (w: ByteWriter, step: number): void => {
  combine(w, 0, step, op.i32Sub);
  w.u8(op.localTee);
  w.u32(0);
  w.u8(op.brIf);
  w.u32(0);
  w.u8(op.end);
};
const branchIf = (w: ByteWriter, depth: number): void => {
  get(w, 0);
  w.u8(op.brIf);
  w.u32(depth);
};
const open = (w: ByteWriter, structure: number): void => {
  w.u8(structure);
  w.u8(empty);
};

function assemble({ types = [unary], functions, table = [], hasMemory, globals = 0, exports = [0], data = 0 }: Parts): Uint8Array {
  return written((w) => {
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    moduleHeader(w);
    vectorSection(w, sectionIds.type, types, (write, s) => write(s));
    vectorSection(w, sectionIds.function, functions, ({ type }, s) => s.u32(type));
    vectorSection(w, sectionIds.table, numbers(table.length > 0 ? 1 : 0), (_, s) => {
      s.u8(0x70);
      s.u8(0);
      s.u32(table.length);
    });
    vectorSection(w, sectionIds.memory, numbers(hasMemory === true ? 1 : 0), (_, s) => {
      s.u8(0);
      s.u32(1);
    });
    vectorSection(w, sectionIds.global, numbers(globals), (i, s) => {
      s.u8(i32);
      s.u8(1);
      constant(s, i);
      s.u8(op.end);
    });
    vectorSection(w, sectionIds.export, [...exports.entries()], ([i, index], s) => {
      s.name(`f${i}`);
      s.u8(0);
      s.u32(index);
    });
    vectorSection(w, sectionIds.element, numbers(table.length > 0 ? 1 : 0), (_, s) => {
      s.u8(0);
      constant(s, 0);
      s.u8(op.end);
      s.u32(table.length);
      for (const index of table) s.u32(index);
    });
    vectorSection(w, sectionIds.code, functions, ({ locals = [], code }, s) => {
      s.sized(written((body) => {
        body.u32(locals.length);
        for (const [count, type] of locals) {
          body.u32(count);
          body.u8(type);
        }
        code(body);
        body.u8(op.end);
      }));
    });
    vectorSection(w, sectionIds.data, numbers(data), (i, s) => {
      s.u8(0);
      constant(s, (i * 4) & 0xffff);
      s.u8(op.end);
      s.sized(Uint8Array.of(i, i + 1, i + 2, i + 3));
    });
  });
}

const repeat = (n: number, each: (i: number) => void): void => {
  for (let i = 0; i < n; i++) each(i);
};

/** A single function of type i32 → i32. */
const single = (code: Write, more: Partial<Parts> = {}, locals: readonly (readonly [number, number])[] = []): Uint8Array => assemble({ functions: [{ type: 0, locals, code }], ...more });

export const shapes: readonly Shape[] = [
  {
    name: 'functions',
    summary: 'n functions, each calling the one before it',
    size: 100,
    make: (n) => assemble({ functions: Array.from({ length: n }, (_, i) => ({ type: 0, code: (w) => {
      combine(w, 0, i, op.i32Add);
      if (i === 0) return;
      w.u8(op.call);
      w.u32(i - 1);
    } })) }),
  },
  {
    name: 'straight-line',
    summary: 'a sum of n products in one block',
    size: 300,
    make: (n) => single((w) => {
      get(w, 0);
      repeat(n, (i) => {
        combine(w, 0, i + 2, op.i32Mul);
        w.u8(i % 2 === 0 ? op.i32Add : op.i32Sub);
      });
    }),
  },
  {
    name: 'blocks',
    summary: 'n ifs one after the other, each changing a local',
    size: 150,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        combine(w, 0, i, op.i32Sub);
        open(w, op.if);
        combine(w, 0, 3, op.i32Mul);
        set(w, 0);
        w.u8(op.end);
      });
      get(w, 0);
    }),
  },
  {
    name: 'loops',
    summary: 'n loops one after the other',
    size: 100,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        open(w, op.loop);
        endLoop(w, i + 1);
      });
      get(w, 0);
    }),
  },
  {
    name: 'nesting',
    summary: 'n blocks inside each other, a branch out of each',
    size: 150,
    make: (n) => single((w) => {
      repeat(n, () => open(w, op.block));
      repeat(n, (i) => {
        combine(w, 0, i, op.i32Sub);
        w.u8(op.brIf);
        w.u32(0);
        combine(w, 0, 1, op.i32Add);
        set(w, 0);
        w.u8(op.end);
      });
      get(w, 0);
    }),
  },
  {
    name: 'loop-nesting',
    summary: 'n loops inside each other',
    size: 60,
    make: (n) => single((w) => {
      repeat(n, () => open(w, op.loop));
      repeat(n, (i) => {
        endLoop(w, i + 1);
      });
      get(w, 0);
    }),
  },
  {
    name: 'far-branches',
    summary: 'n loops inside each other, out of each of which a branch leads behind all of them',
    size: 60,
    make: (n) => single((w) => {
      open(w, op.block);
      repeat(n, (i) => {
        open(w, op.loop);
        branchIf(w, i + 1);
      });
      repeat(n, () => {
        branchIf(w, 0);
        w.u8(op.end);
      });
      w.u8(op.end);
      get(w, 0);
    }),
  },
  {
    name: 'else-nesting',
    summary: 'n ifs inside each other, both branches of each changing a local',
    size: 100,
    make: (n) => single((w) => {
      repeat(n, () => {
        get(w, 0);
        open(w, op.if);
      });
      repeat(n, (i) => {
        constant(w, i);
        set(w, 0);
        w.u8(op.else);
        constant(w, -i);
        set(w, 0);
        w.u8(op.end);
      });
      get(w, 0);
    }),
  },
  {
    name: 'values-over-blocks',
    summary: 'n values live over n ifs, each of which changes one of them',
    size: 100,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        combine(w, 0, i, op.i32Mul);
        set(w, i + 1);
      });
      repeat(n, (i) => {
        get(w, 0);
        open(w, op.if);
        combine(w, i + 1, i, op.i32Add);
        set(w, i + 1);
        w.u8(op.end);
      });
      get(w, 0);
      repeat(n, (i) => {
        get(w, i + 1);
        w.u8(op.i32Add);
      });
    }, {}, [[n, i32]]),
  },
  {
    name: 'locals',
    summary: 'n locals, each written and read once',
    size: 200,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        combine(w, i, i, op.i32Add);
        set(w, i + 1);
      });
      get(w, n);
    }, {}, [[n, i32]]),
  },
  {
    name: 'live-ranges',
    summary: 'n values made before any is used',
    size: 200,
    make: (n) => single((w) => {
      repeat(n, (i) => combine(w, 0, i + 3, op.i32Mul));
      repeat(n - 1, () => w.u8(op.i32Add));
    }),
  },
  {
    name: 'live-over-calls',
    summary: 'sixteen values live over each of n calls',
    size: 200,
    make: (n) => single((w) => {
      repeat(16, (i) => {
        combine(w, 0, i + 3, op.i32Mul);
        set(w, i + 1);
      });
      repeat(n, (i) => {
        get(w, (i % 16) + 1);
        w.u8(op.call);
        w.u32(0);
        set(w, 0);
      });
      get(w, 0);
      repeat(16, (i) => {
        get(w, i + 1);
        w.u8(op.i32Add);
      });
    }, {}, [[16, i32]]),
  },
  {
    name: 'calls',
    summary: 'n calls one after the other',
    size: 400,
    make: (n) => single((w) => {
      get(w, 0);
      repeat(n, () => {
        w.u8(op.call);
        w.u32(0);
      });
    }),
  },
  {
    name: 'br-table',
    summary: 'a table of n targets, each its own block',
    size: 100,
    make: (n) => single((w) => {
      repeat(n, () => open(w, op.block));
      get(w, 0);
      w.u8(op.brTable);
      w.u32(n - 1);
      repeat(n, (i) => w.u32(i));
      repeat(n, (i) => {
        w.u8(op.end);
        combine(w, 0, i + 5, op.i32Mul);
        set(w, 0);
      });
      get(w, 0);
    }),
  },
  {
    name: 'memory',
    summary: 'n loads and n stores in one block',
    size: 150,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        get(w, 0);
        get(w, 0);
        w.u8(op.load);
        w.u32(2);
        w.u32(i * 4);
        w.u8(op.store);
        w.u32(2);
        w.u32(i * 4 + 4);
      });
      get(w, 0);
    }, { hasMemory: true }),
  },
  {
    name: 'float-constants',
    summary: 'n different constants that need a place behind the code',
    size: 150,
    make: (n) => assemble({ types: [functionType([f64], [f64])], functions: [{ type: 0, code: (w) => {
      get(w, 0);
      repeat(n, (i) => {
        w.u8(op.f64Const);
        w.fixed32(i + 1);
        w.fixed32(0x3ff0_0000);
        w.u8(op.f64Add);
      });
    } }] }),
  },
  {
    name: 'globals',
    summary: 'n globals, each read and written',
    size: 150,
    make: (n) => single((w) => {
      repeat(n, (i) => {
        w.u8(op.globalGet);
        w.u32(i);
        get(w, 0);
        w.u8(op.i32Add);
        w.u8(op.globalSet);
        w.u32(i);
      });
      get(w, 0);
    }, { globals: n }),
  },
  {
    name: 'types',
    summary: 'n different types, each of one function',
    size: 150,
    make: (n) => assemble({
      types: Array.from({ length: n }, (_, i) => functionType(Array.from({ length: 14 }, (_bit, bit) => ((i >> bit) & 1) === 0 ? i32 : f64), [])),
      functions: Array.from({ length: n }, (_, i) => ({ type: i, code: () => undefined })),
    }),
  },
  {
    name: 'exports',
    summary: 'n exports of one function',
    size: 1000,
    make: (n) => single((w) => get(w, 0), { exports: Array.from({ length: n }, () => 0) }),
  },
  {
    name: 'elements',
    summary: 'a table of n references',
    size: 2000,
    make: (n) => single((w) => get(w, 0), { table: Array.from({ length: n }, () => 0) }),
  },
  {
    name: 'data',
    summary: 'n data segments',
    size: 1000,
    make: (n) => single((w) => get(w, 0), { hasMemory: true, data: n }),
  },
];
