// What the translation of all functions of a module shares: layout of the vmctx, signatures in the types of compiled code.

import type { Manifest } from '../contract/manifest.ts';
import { manifestOf } from './manifest.ts';
import type { BoundsMode, Signature } from '../contract/artifact.ts';
import type { MachineType } from '../contract/libcalls.ts';
import { type VmctxLayout, layoutVmctx } from '../contract/vmctx.ts';
import { bug } from '../base/errors.ts';
import { type Type, typeCodes } from '../ir/types.ts';
import { type FunctionType, type Module, type ValueType, valueTypes } from '../wasm/module.ts';

export interface TranslateOptions {
  /** Who notices an access outside a memory: the guard pages behind it, or a compare before it. */
  readonly bounds: BoundsMode;
  /** Mask the addresses of explicitly checked accesses, so that speculation cannot run ahead of the check. */
  readonly spectre: boolean;
  /** Count the instructions executed and stop when the store's fuel is used up (fuel.ts); not unless asked for. */
  readonly fuel?: boolean;
}

export interface PreparedModule {
  readonly module: Module;
  readonly options: TranslateOptions;
  readonly layout: VmctxLayout;
  /** Distinct signatures of the module's types. */
  readonly signatures: readonly Signature[];
  /** Per type of the module, its signature. */
  readonly typeSignatures: readonly number[];
  /** Per function, its signature. */
  readonly functionSignatures: readonly number[];
  readonly manifest: Manifest;
}

const machineTypes: Record<ValueType, MachineType> = {
  [valueTypes.i32]: 'i32',
  [valueTypes.i64]: 'i64',
  [valueTypes.f32]: 'f32',
  [valueTypes.f64]: 'f64',
  [valueTypes.funcref]: 'i64',
  [valueTypes.externref]: 'i64',
};

/** The type of SSA values that hold a wasm value. */
export function irTypeOf(type: ValueType): Type {
  return typeCodes[machineTypes[type]];
}

function signatureOf(type: FunctionType): Signature {
  const machineTypesOf = (types: Uint8Array): MachineType[] => Array.from(types, (each) => machineTypes[each as ValueType]);
  return { params: machineTypesOf(type.params), results: machineTypesOf(type.results) };
}

/** Prepares a valid module for `translateFunction`. */
export function prepareModule(module: Module, options: TranslateOptions): PreparedModule {
  const signatures: Signature[] = [];
  const numbers = new Map<string, number>();
  const typeSignatures = module.types.map((type) => {
    const signature = signatureOf(type);
    const key = `${signature.params.join()}:${signature.results.join()}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = signatures.push(signature) - 1;
      numbers.set(key, number);
    }
    return number;
  });
  const layout = layoutVmctx({
    types: module.types.length,
    memories: module.memories.length,
    tables: module.tables.length,
    importedGlobals: module.importedGlobals,
    definedGlobals: module.definedGlobals.length,
    importedFunctions: module.importedFunctions,
    functions: module.functions.length,
  });
  const functionSignatures = module.functions.map((type) => typeSignatures[type] ?? bug(`function of unknown type ${type}`));
  return { module, options, layout, signatures, typeSignatures, functionSignatures, manifest: manifestOf(module) };
}
