// Tables: growth and bulk operations.
// Chapter: "Execution", section "Instructions", "Table Instructions".
import { Trap } from './outcome.ts';
import type { Reference } from './values.ts';
import type { Limits, TableType } from './types.ts';
import type { Store } from './store.ts';
import { TableInstance } from './store.ts';

function requireRange(length: number, from: number, count: number): void {
  if (!(from + count <= length)) throw new Trap('out of bounds table access');
}

/** A new table of the type's minimum, every element `initial`; undefined when the budget says no. */
export function createTable(store: Store, type: TableType, initial: Reference): TableInstance | undefined {
  const length = Number(type.limits.minimum);
  if (!store.reserveTable(length)) return undefined;
  const elements: Reference[] = [];
  for (let i = 0; i < length; i++) elements.push(initial);
  return new TableInstance(type, elements);
}

function maximumOf(limits: Limits): number {
  return Number(limits.maximum ?? (limits.wide ? (1n << 64n) - 1n : (1n << 32n) - 1n));
}

/** Returns the old length, or -1 when the maximum or the budget would be exceeded. */
export function growTable(store: Store, table: TableInstance, delta: number, value: Reference): number {
  const old = table.elements.length;
  if (old + delta > maximumOf(table.type.limits) || !store.reserveTable(delta)) return -1;
  for (let i = 0; i < delta; i++) table.elements.push(value);
  return old;
}

export function tableGet(table: TableInstance, index: number): Reference {
  requireRange(table.elements.length, index, 1);
  return table.elements[index] ?? null;
}

export function tableSet(table: TableInstance, index: number, value: Reference): void {
  requireRange(table.elements.length, index, 1);
  table.elements[index] = value;
}

export function fillTable(table: TableInstance, to: number, value: Reference, count: number): void {
  requireRange(table.elements.length, to, count);
  table.elements.fill(value, to, to + count);
}

export function copyTable(target: TableInstance, to: number, source: TableInstance, from: number, count: number): void {
  requireRange(source.elements.length, from, count);
  requireRange(target.elements.length, to, count);
  if (target === source) target.elements.copyWithin(to, from, from + count);
  else for (let i = 0; i < count; i++) target.elements[to + i] = source.elements[from + i] ?? null;
}

/** table.init from an element segment; a dropped segment is empty. */
export function initTable(table: TableInstance, to: number, segment: readonly Reference[], from: number, count: number): void {
  requireRange(segment.length, from, count);
  requireRange(table.elements.length, to, count);
  for (let i = 0; i < count; i++) table.elements[to + i] = segment[from + i] ?? null;
}
