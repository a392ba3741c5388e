// Modules as what the search reduces: candidates with their bytes and cost, changes applied and validated, passes in their order.

import { hash } from 'node:crypto';
import { decode, validate } from '../../interpreter/index.ts';
import { applyChanges, type Change } from '../edit/apply.ts';
import { decodeForEditing } from '../edit/decode.ts';
import { DanglingReference, encodeEdited } from '../edit/encode.ts';
import { type Code, countInstructions, opcode } from '../edit/instructions.ts';
import type { EditModule } from '../edit/module.ts';
import { blockSignature } from '../edit/typing.ts';
import type { Candidate, Subject } from './engine.ts';
import { modulePasses } from './passes/index.ts';

export interface ModuleCandidate extends Candidate {
  readonly m: EditModule;
  readonly bytes: Uint8Array;
}

/** Instructions in all bodies; a block counts as one. */
export function instructionsOf(m: EditModule): number {
  return m.functions.reduce((sum, { body }) => sum + countInstructions(body), 0);
}

/** What makes code harder to read beyond its length: reading a variable where a constant would do, constants that are not 0, blocks that take or leave something. */
function oddness(m: EditModule, code: Code): number {
  let sum = 0;
  for (const { row, args, body, otherwise } of code) {
    if (row.opcode === opcode.localGet || row.opcode === opcode.globalGet) sum += 2;
    else if (row.immediate === 'f32' || row.immediate === 'f64' || row.immediate === 'v128') sum += args.some((arg) => Number(arg) !== 0) ? 1 : 0;
    else if (row.opcode === opcode.i32Const || row.opcode === opcode.i64Const) sum += Number(args[0]) === 0 ? 0 : 1;
    else if (row.opcode === opcode.loop || row.opcode === opcode.if || row.opcode === opcode.tryTable) sum += 2;
    else if (row.opcode === opcode.localTee || row.opcode === opcode.localSet || row.opcode === opcode.globalSet) sum += 3;
    if (row.immediate === 'block') {
      const { params, results } = blockSignature(m, String(args[0]));
      sum += 2 * params.length + results.length;
    }
    if (body !== undefined) sum += oddness(m, body);
    if (otherwise !== undefined) sum += oddness(m, otherwise);
  }
  return sum;
}

/**
 * Instructions above all, then everything a reader has to know before them; bytes decide the rest. Parameters weigh more than the constants that may stand
 * for them: what an export is called with depends on all of the module's bytes, so a module without any is steadier under further changes.
 */
function costOf(m: EditModule, bytes: Uint8Array): number {
  const imports = [m.functions, m.tables, m.memories, m.globals, m.tags].reduce((sum, list) => sum + list.filter(({ from }) => from !== undefined).length, 0);
  let cost = bytes.length + 10 * imports + 6 * m.exports.length;
  for (const { from, locals, body } of m.functions) if (from === undefined) cost += 20 + locals.length + 6 * countInstructions(body) + oddness(m, body);
  for (const group of m.types) for (const { composite } of group) cost += 2 + (composite.kind === 'function' ? 10 * composite.params.length + 2 * composite.results.length : 1);
  for (const { limits } of m.memories) cost += 6 + (limits.minimum > 1n ? 2 : 0) + (limits.maximum === undefined ? 0 : 1);
  for (const { limits } of m.tables) cost += 6 + (limits.maximum === undefined ? 0 : 1);
  return cost + 4 * (m.globals.length + m.elements.length + m.datas.length);
}

/** The candidate that a module is; undefined when something in it dangles. */
export function maybeCandidate(m: EditModule): ModuleCandidate | undefined {
  try {
    const bytes = encodeEdited(m);
    return { m, bytes, cost: costOf(m, bytes), key: hash('sha1', bytes, 'base64') };
  } catch (error) {
    if (error instanceof DanglingReference) return undefined;
    throw error;
  }
}

/** The candidate to begin with. Its bytes are the given ones, not what encoding would make of them. */
export function startingCandidate(bytes: Uint8Array): ModuleCandidate | { readonly kind: 'malformed'; readonly message: string } {
  const m = decodeForEditing(bytes);
  return 'kind' in m ? m : { m, bytes, cost: costOf(m, bytes) + 1, key: hash('sha1', bytes, 'base64') };
}

export function isValidModule(bytes: Uint8Array): boolean {
  const module = decode(bytes);
  return module.kind === 'module' && validate(module).kind === 'checked';
}

/** Reduction of modules; without `mustBeValid`, also to modules that no engine should accept. */
export function moduleSubject(mustBeValid = true): Subject<ModuleCandidate, Change> {
  return {
    passes: modulePasses,
    apply: ({ m }, changes) => {
      const candidate = maybeCandidate(applyChanges(m, changes));
      return candidate === undefined || (mustBeValid && !isValidModule(candidate.bytes)) ? undefined : candidate;
    },
  };
}
