// The library calls of contract/libcalls.ts on the memories and tables of an instance (standard, 4.4.7 "Table Instructions", 4.4.8 "Memory Instructions").
// Bounds are checked before anything is written. Parameters lie in the argument block, the result goes to its first slot.

import { libcallNameOf } from '../contract/libcalls.ts';
import type { TrapName } from '../contract/traps.ts';
import { bug, unreachable } from '../base/errors.ts';
import { slotAt, type Slots } from './cells.ts';
import type { Instance } from './instance.ts';

/** Runs library call `number`; answers the trap it ends in, if any. */
export function runLibcall(instance: Instance, number: number, slots: Slots, start: number): TrapName | undefined {
  const name = libcallNameOf(number);
  if (name === undefined) return bug('no such library call', `number ${number}`);
  const u32 = (index: number): number => slots.u32(slotAt(start, index));
  const reference = (index: number): number => slots.reference(slotAt(start, index));
  switch (name) {
    case 'memoryGrow':
      slots.setI32(start, instance.memory(u32(0)).grow(u32(1)));
      return undefined;
    case 'memoryCopy': return memoryCopy(instance, u32(0), u32(1), u32(2), u32(3), u32(4));
    case 'memoryFill': return memoryFill(instance, u32(0), u32(1), u32(2), u32(3));
    case 'memoryInit': return instance.initMemory(u32(0), u32(1), u32(2), u32(3), u32(4));
    case 'dataDrop':
      instance.dropData(u32(0));
      return undefined;
    case 'tableGrow':
      slots.setI32(start, instance.table(u32(0)).grow(u32(2), reference(1)));
      return undefined;
    case 'tableCopy': return tableCopy(instance, u32(0), u32(1), u32(2), u32(3), u32(4));
    case 'tableFill': return tableFill(instance, u32(0), u32(1), reference(2), u32(3));
    case 'tableInit': return instance.initTable(u32(0), u32(1), u32(2), u32(3), u32(4));
    case 'elemDrop':
      instance.dropElement(u32(0));
      return undefined;
    default: return unreachable(name);
  }
}

function memoryCopy(instance: Instance, toMemory: number, fromMemory: number, to: number, from: number, count: number): TrapName | undefined {
  const target = instance.memory(toMemory);
  const source = instance.memory(fromMemory);
  if (from + count > source.byteLength || to + count > target.byteLength) return 'outOfBoundsMemoryAccess';
  if (count === 0) return undefined;
  if (source === target) target.bytes.copyWithin(to, from, from + count);
  else target.bytes.set(source.bytes.subarray(from, from + count), to);
  return undefined;
}

function memoryFill(instance: Instance, memoryIndex: number, to: number, value: number, count: number): TrapName | undefined {
  const memory = instance.memory(memoryIndex);
  if (to + count > memory.byteLength) return 'outOfBoundsMemoryAccess';
  if (count > 0) memory.bytes.fill(value & 0xff, to, to + count);
  return undefined;
}

function tableCopy(instance: Instance, toTable: number, fromTable: number, to: number, from: number, count: number): TrapName | undefined {
  const target = instance.table(toTable);
  const source = instance.table(fromTable);
  if (from + count > source.length || to + count > target.length) return 'outOfBoundsTableAccess';
  if (count > 0) target.copyFrom(source, to, from, count);
  return undefined;
}

function tableFill(instance: Instance, tableIndex: number, to: number, reference: number, count: number): TrapName | undefined {
  const table = instance.table(tableIndex);
  if (to + count > table.length) return 'outOfBoundsTableAccess';
  if (count > 0) table.fill(to, reference, count);
  return undefined;
}
