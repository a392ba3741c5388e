// Table and reference instructions (standard, chapters 4.4.6 and 4.4.2). A reference is the address of a function's descriptor, or the handle
// of an external value; 0 is null. Indices are always checked against the table's present length, and with `spectre` the address
// is masked, so that a mispredicted check cannot load a foreign word as a function's descriptor.

import type { Value } from '../base/entity.ts';
import { type TrapCode, trapCodes } from '../contract/traps.ts';
import type { MemoryFlags } from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { i32, i64 } from '../ir/types.ts';
import { callRuntime } from './runtime-calls.ts';
import type { Handler, Translation } from './translation.ts';

type TableName =
  | 'table.get'
  | 'table.set'
  | 'table.init'
  | 'elem.drop'
  | 'table.copy'
  | 'table.grow'
  | 'table.size'
  | 'table.fill'
  | 'ref.null'
  | 'ref.is_null'
  | 'ref.func';

export const tableHandlers: Record<TableName, Handler> = {
  'table.get': (t) => t.push(loadElement(t, t.operator.index, t.pop(), trapCodes.outOfBoundsTableAccess)),
  'table.set': (t) => {
    const value = t.pop();
    const address = elementAddress(t, t.operator.index, t.pop(), trapCodes.outOfBoundsTableAccess);
    t.b.store(op.store, tableElement, value, address, 0);
  },
  'table.init': (t) => callRuntime(t, 'tableInit', t.operator.second, t.operator.index),
  'elem.drop': (t) => callRuntime(t, 'elemDrop', t.operator.index),
  'table.copy': (t) => callRuntime(t, 'tableCopy', t.operator.index, t.operator.second),
  'table.grow': (t) => callRuntime(t, 'tableGrow', t.operator.index),
  'table.size': (t) => t.push(t.b.convert(op.ireduce, i32, t.tableLength(t.operator.index))),
  'table.fill': (t) => callRuntime(t, 'tableFill', t.operator.index),
  'ref.null': (t) => t.push(t.zero(i64)),
  'ref.is_null': (t) => {
    const reference = t.pop();
    t.push(t.b.icmp('eq', reference, t.zero(i64)));
  },
  'ref.func': (t) => t.push(t.constantField(t.layout.functionReference(t.operator.index))),
};

const tableElement: MemoryFlags = { region: 'table', readonly: false, trap: 0 };
const elementShift = 3n;

/** The address of an element, behind a check of its index (an i32). */
function elementAddress(t: Translation, table: number, index: Value, trap: TrapCode): Value {
  const { b } = t;
  const wide = t.zeroExtend(index);
  const outside = b.icmp('uge', wide, t.tableLength(table));
  b.trapnz(outside, trap);
  const address = b.binary(op.iadd, t.tableBase(table), b.binary(op.ishl, wide, b.iconst64(elementShift)));
  return t.options.spectre ? b.selectGuard(outside, t.zero(i64), address) : address;
}

/** The element of a table at an index (an i32), behind a check that raises `trap`. */
export function loadElement(t: Translation, table: number, index: Value, trap: TrapCode): Value {
  return t.load64(tableElement, elementAddress(t, table, index, trap), 0);
}
