// The host module `spectest` that the official scripts import from (reference interpreter, `interpreter/README.md`, "Spectest host module").
// Its parts are made when first imported: an engine without shared memories never hears of one.

import type { EngineStore, Extern, TypeText } from '../oracles/engine.ts';

const printers: Record<string, readonly TypeText[]> = {
  print: [], print_i32: ['i32'], print_i64: ['i64'], print_f32: ['f32'], print_f64: ['f64'], print_i32_f32: ['i32', 'f32'], print_f64_f64: ['f64', 'f64'],
};

function make(store: EngineStore, name: string): Extern | undefined {
  const params = Object.hasOwn(printers, name) ? printers[name] : undefined;
  if (params !== undefined) return store.hostFunction({ params, results: [] }, () => []);
  switch (name) {
    case 'global_i32':
      return store.hostGlobal('i32', false, { type: 'i32', bits: 666 });
    case 'global_i64':
      return store.hostGlobal('i64', false, { type: 'i64', bits: 666n });
    case 'global_f32':
      // 666.6
      return store.hostGlobal('f32', false, { type: 'f32', bits: 0x4426a666 });
    case 'global_f64':
      return store.hostGlobal('f64', false, { type: 'f64', bits: 0x4084d4cccccccccdn });
    case 'table':
      return store.hostTable('funcref', 10, 20);
    case 'table64':
      return store.hostTable('funcref', 10, 20, { index: 'i64' });
    case 'memory':
      return store.hostMemory(1, 2);
    case 'shared_memory':
      return store.hostMemory(1, 2, { shared: true });
    default:
      return undefined;
  }
}

/** Resolves names of `spectest` in a store; the same name gives the same thing each time. */
export function spectest(store: EngineStore): (name: string) => Extern | undefined {
  const made = new Map<string, Extern>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const extern = make(store, name);
    if (extern !== undefined) made.set(name, extern);
    return extern;
  };
}
