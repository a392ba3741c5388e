// A function that can be changed without another one noticing: all columns copied, at the cost of their length.

import type { Int32Column } from '../base/growable.ts';
import { IrFunction } from './function.ts';

type ColumnName = { [Name in keyof IrFunction]: IrFunction[Name] extends Int32Column ? Name : never }[keyof IrFunction];

/** Every column by its name: one that is missing here is an error of types. */
const columns: Readonly<Record<ColumnName, true>> = {
  records: true, nextInst: true, previousInst: true, blockOfInst: true, pool: true, valueType: true, valueDefinition: true, valueNumber: true, valueAlias: true, nextParameter: true,
  firstInst: true, lastInst: true, firstParameter: true, lastParameter: true, parameterCount: true, nextBlock: true, previousBlock: true,
};
const columnNames = Object.keys(columns) as ColumnName[];

export function copyFunction(f: IrFunction): IrFunction {
  const copy = new IrFunction(f.index, f.signature, f.signatures, f.functionSignatures, 0);
  for (const name of columnNames) copy[name].assign(f[name]);
  copy.wide.assign(f.wide);
  copy.firstLayoutBlock = f.firstLayoutBlock;
  copy.lastLayoutBlock = f.lastLayoutBlock;
  return copy;
}
