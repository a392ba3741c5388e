// What exported functions are called with: edge values first, then bits at random, the same for every engine.

import { f32Edges, f64Edges, i32Edges } from '../generate/constants.ts';
import type { RandomSource } from '../generate/choices.ts';
import { nullReference, type Value } from './value.ts';

/** A hash of a module's bytes, to seed what it is called with. */
export function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

function argumentOf(type: string, random: RandomSource): Value {
  const isEdge = random.next(4) > 0;
  switch (type) {
    case 'i32':
      return { type: 'i32', bits: isEdge ? (i32Edges[random.next(i32Edges.length)] ?? 0) : random.word() | 0 };
    case 'i64': {
      const low = BigInt(isEdge ? (i32Edges[random.next(i32Edges.length)] ?? 0) : random.word() | 0);
      const form = random.next(4);
      const bits = form === 0 ? low : form === 1 ? BigInt.asUintN(32, low) : form === 2 ? low << 32n : (low << 32n) ^ BigInt(random.word());
      return { type: 'i64', bits: BigInt.asIntN(64, bits) };
    }
    case 'f32':
      return { type: 'f32', bits: isEdge ? (f32Edges[random.next(f32Edges.length)] ?? 0) : random.word() };
    case 'f64': {
      const edge = f64Edges[random.next(f64Edges.length)] ?? [0, 0];
      const [low, high] = isEdge ? edge : [random.word(), random.word()];
      return { type: 'f64', bits: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) };
    }
    case 'v128': {
      let bits = 0n;
      for (let lane = 0; lane < 4; lane++) bits = (bits << 32n) | BigInt((isEdge ? (i32Edges[random.next(i32Edges.length)] ?? 0) : random.word()) >>> 0);
      return { type: 'v128', bits };
    }
    case 'externref':
      return random.next(3) === 0 ? nullReference : { type: 'ref', kind: 'extern', id: random.next(8) };
    case 'anyref':
      if (random.next(4) === 0) return { type: 'ref', kind: 'extern', id: random.next(8) };
      return scalarReference(random);
    case 'eqref':
    case 'i31ref':
      return scalarReference(random);
    default:
      return nullReference;
  }
}

function scalarReference(random: RandomSource): Value {
  return random.next(3) === 0 ? nullReference : { type: 'ref', kind: 'i31', value: (random.word() << 1) >> 1 };
}

/** Arguments for one call. */
export function argumentsFor(params: readonly string[], random: RandomSource): Value[] {
  return params.map((type) => argumentOf(type, random));
}
