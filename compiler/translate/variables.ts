// Parametric and variable instructions: drop, select, locals and globals (standard, chapters 4.4.4 and 4.4.5).

import { bug } from '../base/errors.ts';
import type { Value } from '../base/entity.ts';
import type { MemoryFlags } from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import type { GlobalType } from '../wasm/module.ts';
import { irTypeOf } from './prepare.ts';
import type { Handler, Translation } from './translation.ts';

type VariableName = 'drop' | 'select' | 'select t' | 'local.get' | 'local.set' | 'local.tee' | 'global.get' | 'global.set';

export const variableHandlers: Record<VariableName, Handler> = {
  drop: (t) => t.drop(1),
  select,
  'select t': select,
  'local.get': (t) => t.push(t.locals.read(t.operator.index)),
  'local.set': (t) => t.locals.assign(t.operator.index, t.pop()),
  'local.tee': (t) => {
    const value = t.pop();
    t.locals.assign(t.operator.index, value);
    t.push(value);
  },
  'global.get': (t) => {
    const global = globalAt(t);
    const { address, offset } = cellOf(t);
    t.push(t.b.load(op.load, irTypeOf(global.type), global.mutable ? mutableGlobal : immutableGlobal, address, offset));
  },
  'global.set': (t) => {
    const value = t.pop();
    const { address, offset } = cellOf(t);
    t.b.store(op.store, mutableGlobal, value, address, offset);
  },
};

const mutableGlobal: MemoryFlags = { region: 'global', readonly: false, trap: 0 };
const immutableGlobal: MemoryFlags = { region: 'global', readonly: true, trap: 0 };

function select(t: Translation): void {
  const condition = t.pop();
  const second = t.pop();
  const first = t.pop();
  t.push(t.b.select(condition, first, second));
}

function globalAt(t: Translation): GlobalType {
  return t.module.globals[t.operator.index] ?? bug(`unknown global ${t.operator.index}`);
}

/** Where a global lies: a defined one in the vmctx itself, an imported one behind a pointer there. */
function cellOf(t: Translation): { readonly address: Value; readonly offset: number } {
  const { offset, imported } = t.layout.global(t.operator.index);
  return imported ? { address: t.constantField(offset), offset: 0 } : { address: t.vmctx(), offset };
}
