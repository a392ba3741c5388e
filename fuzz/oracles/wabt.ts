// A second opinion on validity: wabt's validator.
//
// An opinion, not a reference. It knows one memory only, and its JavaScript build does not pass the switch for extended constants on to the validator;
// modules that need either are not readable for it, and count as incomparable.

import wabt from 'wabt';
import type { ModuleInterface } from './module-interface.ts';

export type Opinion = { readonly kind: 'valid' } | { readonly kind: 'invalid'; readonly message: string } | { readonly kind: 'unreadable'; readonly reason: string };

const features = {
  mutable_globals: true, sat_float_to_int: true, sign_extension: true, multi_value: true, bulk_memory: true, reference_types: true, simd: true, threads: true, tail_call: true,
  extended_const: true, memory64: true, exceptions: true, function_references: true,
};

/** wabt's validator with these features and no others, ready to be asked synchronously; it answers what it has against a module, or undefined. */
export async function openValidator(allowed: Readonly<Record<string, boolean>>): Promise<(bytes: Uint8Array) => string | undefined> {
  const tools = await wabt();
  return (bytes) => {
    try {
      const module = tools.readWasm(bytes, allowed);
      try {
        module.validate();
      } finally {
        module.destroy();
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

/** The second opinion, ready to be asked synchronously. */
export async function openWabt(): Promise<(bytes: Uint8Array, shape: ModuleInterface) => Opinion> {
  const objection = await openValidator(features);
  return (bytes, shape) => {
    if (shape.memories.length > 1) return { kind: 'unreadable', reason: 'several memories' };
    const message = objection(bytes);
    if (message === undefined) return { kind: 'valid' };
    return message.includes('not valid in initializer expression') ? { kind: 'unreadable', reason: 'extended constant expressions' } : { kind: 'invalid', message };
  };
}
