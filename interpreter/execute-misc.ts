// Saturating conversions, bulk memory, tables: the 0xFC group, and table.get and table.set.
// Chapter: "Execution", section "Instructions", "Numeric Instructions" (truncations), "Memory Instructions" and "Table Instructions".
import type { Machine } from './machine.ts';
import type { Instance } from './store.ts';
import { double, int, item, refAt, single } from './cells.ts';
import { addressAt, copyMemory, fillMemory, initMemory } from './memory.ts';
import { copyTable, fillTable, growTable, initTable, tableGet, tableSet } from './tables.ts';
import { truncSatS32, truncSatS64, truncSatU32, truncSatU64 } from './convert.ts';
import { bug } from './outcome.ts';

const EMPTY_DATA = new Uint8Array(0);

/** Runs one instruction whose operands start at `pc`; returns the new stack pointer. */
export function executeMisc(m: Machine, instance: Instance, second: number, code: Int32Array, pc: number, sp: number): number {
  const { I, F, D } = m.views;
  const { refs } = m;
  const top = sp - 2;
  switch (second) {
    case 0: I[top] = truncSatS32(single(F, top)); return sp;
    case 1: I[top] = truncSatU32(single(F, top)); return sp;
    case 2: I[top] = truncSatS32(double(D, top >> 1)); return sp;
    case 3: I[top] = truncSatU32(double(D, top >> 1)); return sp;
    case 4: truncSatS64(I, top, single(F, top)); return sp;
    case 5: truncSatU64(I, top, single(F, top)); return sp;
    case 6: truncSatS64(I, top, double(D, top >> 1)); return sp;
    case 7: truncSatU64(I, top, double(D, top >> 1)); return sp;
    case 8: { // memory.init
      const memory = item(instance.memories, int(code, pc + 1));
      const data = item(instance.datas, int(code, pc));
      initMemory(memory, addressAt(I, sp - 6, memory.limits.wide), data, int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0);
      return sp - 6;
    }
    case 9: instance.datas[int(code, pc)] = EMPTY_DATA; return sp;
    case 10: { // memory.copy
      const target = item(instance.memories, int(code, pc));
      const source = item(instance.memories, int(code, pc + 1));
      const to = addressAt(I, sp - 6, target.limits.wide);
      const from = addressAt(I, sp - 4, source.limits.wide);
      copyMemory(target, to, source, from, addressAt(I, sp - 2, target.limits.wide && source.limits.wide));
      return sp - 6;
    }
    case 11: { // memory.fill
      const memory = item(instance.memories, int(code, pc));
      const { wide } = memory.limits;
      fillMemory(memory, addressAt(I, sp - 6, wide), int(I, sp - 4), addressAt(I, sp - 2, wide));
      return sp - 6;
    }
    case 12: { // table.init
      const table = item(instance.tables, int(code, pc + 1));
      const segment = item(instance.elements, int(code, pc));
      initTable(table, addressAt(I, sp - 6, table.type.limits.wide), segment, int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0);
      return sp - 6;
    }
    case 13: instance.elements[int(code, pc)] = []; return sp;
    case 14: { // table.copy
      const target = item(instance.tables, int(code, pc));
      const source = item(instance.tables, int(code, pc + 1));
      const toWide = target.type.limits.wide;
      const fromWide = source.type.limits.wide;
      copyTable(target, addressAt(I, sp - 6, toWide), source, addressAt(I, sp - 4, fromWide), addressAt(I, sp - 2, toWide && fromWide));
      return sp - 6;
    }
    case 15: { // table.grow
      const table = item(instance.tables, int(code, pc));
      const { wide } = table.type.limits;
      const old = growTable(instance.store, table, addressAt(I, sp - 2, wide), refAt(refs, (sp >> 1) - 2));
      I[sp - 4] = old;
      I[sp - 3] = old >> 31;
      return sp - 2;
    }
    case 16: // table.size
      I[sp] = item(instance.tables, int(code, pc)).elements.length;
      I[sp + 1] = 0;
      return sp + 2;
    case 17: { // table.fill
      const table = item(instance.tables, int(code, pc));
      const { wide } = table.type.limits;
      fillTable(table, addressAt(I, sp - 6, wide), refAt(refs, (sp >> 1) - 2), addressAt(I, sp - 2, wide));
      return sp - 6;
    }
    case 0x25: { // table.get
      const table = item(instance.tables, int(code, pc));
      refs[top >> 1] = tableGet(table, addressAt(I, top, table.type.limits.wide));
      return sp;
    }
    case 0x26: { // table.set
      const table = item(instance.tables, int(code, pc));
      tableSet(table, addressAt(I, sp - 4, table.type.limits.wide), refAt(refs, top >> 1));
      return sp - 4;
    }
    default: return bug(`opcode fc ${second}`);
  }
}
