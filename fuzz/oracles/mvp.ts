// Whether a module keeps to the first version of WebAssembly (the MVP), for engines that know nothing else.
//
// wabt's validator with all later features switched off tells most of it. Its switches do not reach functions of several results, tables of external
// references, element segments in later encodings, nor `select` with types.

import { decodeForEditing } from '../edit/decode.ts';
import { type Code, opcode } from '../edit/instructions.ts';
import { type ModuleInterface, readElementFlags } from './module-interface.ts';
import { openValidator } from './wabt.ts';

const noFeatures = { mutable_globals: false, sat_float_to_int: false, sign_extension: false, multi_value: false, bulk_memory: false, reference_types: false, simd: false };

const hasTypedSelect = (code: Code): boolean => code.some(({ row, body, otherwise }) => row.opcode === opcode.selectTypes || hasTypedSelect(body ?? []) || hasTypedSelect(otherwise ?? []));

/** Asks about valid modules; `shape` is their interface. */
export async function openMvpReader(): Promise<(bytes: Uint8Array, shape: ModuleInterface) => boolean> {
  const objection = await openValidator(noFeatures);
  return (bytes, shape) => {
    if (shape.types.some((type) => type !== undefined && type.results.length > 1) || shape.tables.some(({ element }) => element !== 'funcref')) return false;
    if (objection(bytes) !== undefined || readElementFlags(bytes).some((flags) => flags !== 0)) return false;
    const module = decodeForEditing(bytes);
    return !('kind' in module) && !module.functions.some(({ body }) => hasTypedSelect(body));
  };
}
