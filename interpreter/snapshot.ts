// What of an instance counts as behaviour: memories, globals, tables, imported ones included.
// Chapter: "Execution", section "Runtime Structure" (the parts of the store an instance can reach by index).
import type { Instance } from './store.ts';
import type { Reference, Value } from './values.ts';
import { readGlobal } from './marshal.ts';

export interface InstanceSnapshot {
  /** Copies, by memory index. */
  readonly memories: readonly Uint8Array[];
  readonly globals: readonly Value[];
  readonly tables: readonly (readonly Reference[])[];
}

export function snapshotInstance(instance: Instance): InstanceSnapshot {
  return {
    memories: instance.memories.map((memory) => memory.bytes.slice(0, memory.size)),
    globals: instance.globals.map(readGlobal),
    tables: instance.tables.map((table) => [...table.elements]),
  };
}
