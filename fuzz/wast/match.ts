// Does an outcome fit what a script asserts? Integers, vectors and floats by bits; the two NaN sets as the standard defines them
// (4.3.3 "Floating-Point Operations"): canonical is the quiet bit alone, arithmetic is the quiet bit and anything below it, both of either sign.

import type { Outcome } from '../oracles/engine.ts';
import type { Value } from '../oracles/value.ts';
import { laneShapes } from './literals.ts';
import type { FloatPattern, Pattern, ReferencePattern } from './script.ts';

function matchesFloat(bits: bigint, width: 32 | 64, pattern: FloatPattern): boolean {
  if (typeof pattern === 'bigint') return bits === pattern;
  const magnitude = BigInt.asUintN(width - 1, bits);
  const canonical = width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  return pattern === 'nan:canonical' ? magnitude === canonical : (magnitude & canonical) === canonical;
}

function matchesReference(value: Value, pattern: ReferencePattern): boolean {
  if (value.type !== 'ref') return false;
  const { kind } = value;
  switch (pattern) {
    case 'null':
      return kind === 'null';
    case 'func':
      return kind === 'function';
    case 'extern':
      // An internal value that was externalised shows as what it is.
      return kind !== 'null' && kind !== 'function' && kind !== 'exception';
    case 'i31':
      return kind === 'i31';
    case 'struct':
    case 'array':
      return kind === pattern;
    case 'eq':
      return kind === 'i31' || kind === 'struct' || kind === 'array';
    case 'any':
      return kind === 'any' || kind === 'i31' || kind === 'struct' || kind === 'array' || kind === 'extern';
    case 'exn':
      return kind === 'exception';
  }
}

/** Does a result fit its pattern? */
export function matchesPattern(value: Value, pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'value': {
      const { value: expected } = pattern;
      if (value.type === 'ref') {
        if (expected.type !== 'ref' || expected.kind !== value.kind) return false;
        if (value.kind === 'extern') return expected.kind === 'extern' && value.id === expected.id;
        if (value.kind === 'i31') return expected.kind === 'i31' && value.value === expected.value;
        return value.kind === 'null';
      }
      return expected.type === value.type && expected.bits === value.bits;
    }
    case 'float':
      return (value.type === 'f32' || value.type === 'f64') && value.type === pattern.type && matchesFloat(BigInt(value.bits), value.type === 'f32' ? 32 : 64, pattern.pattern);
    case 'vector': {
      if (value.type !== 'v128') return false;
      const { width } = laneShapes[pattern.shape];
      const { bits } = value;
      return pattern.lanes.every((lane, index) => {
        const laneBits = BigInt.asUintN(width, bits >> BigInt(index * width));
        return typeof lane === 'bigint' ? laneBits === lane : matchesFloat(laneBits, width === 32 ? 32 : 64, lane);
      });
    }
    case 'reference':
      return matchesReference(value, pattern.reference);
    case 'host':
      return value.type === 'ref' && ((value.kind === 'extern' && value.id === pattern.id) || value.kind === 'any');
    case 'either':
      return pattern.patterns.some((one) => matchesPattern(value, one));
  }
}

/**
 * Does a trap fit the suite's text? Either may be the longer one: the suite writes `uninitialized element 2` and, elsewhere, `indirect call`.
 * An engine that cannot tell its traps apart is believed.
 */
export function matchesTrap(actual: string | undefined, expected: string): boolean {
  if (actual === undefined || expected.startsWith(actual) || actual.startsWith(expected)) return true;
  return actual === 'null reference' && /^null .*reference$/.test(expected);
}

export function showValue(value: Value): string {
  switch (value.type) {
    case 'i32':
    case 'i64':
      return `${value.type} ${value.bits}`;
    case 'f32':
      return `f32 0x${value.bits.toString(16).padStart(8, '0')}`;
    case 'f64':
      return `f64 0x${value.bits.toString(16).padStart(16, '0')}`;
    case 'v128':
      return `v128 0x${value.bits.toString(16).padStart(32, '0')}`;
    case 'ref':
      if (value.kind === 'extern') return `extern ${value.id}`;
      if (value.kind === 'i31') return `i31 ${value.value}`;
      return value.kind === 'null' ? 'null' : `${value.kind} reference`;
  }
}

export function showPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'value':
      return showValue(pattern.value);
    case 'float': {
      const { type, pattern: float } = pattern;
      return typeof float === 'bigint' ? `${type} 0x${float.toString(16).padStart(type === 'f32' ? 8 : 16, '0')}` : `${type} ${float}`;
    }
    case 'vector':
      return `v128 ${pattern.shape} ${pattern.lanes.map((lane) => (typeof lane === 'bigint' ? `0x${lane.toString(16)}` : lane)).join(' ')}`;
    case 'reference':
      return pattern.reference === 'null' ? 'null' : `any ${pattern.reference} reference`;
    case 'host':
      return `host ${pattern.id}`;
    case 'either':
      return pattern.patterns.map(showPattern).join(' or ');
  }
}

export function showOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'values':
      return `[${outcome.values.map(showValue).join(', ')}]`;
    case 'trap':
      return `trap: ${outcome.trap ?? 'of a kind the engine does not tell'}${outcome.detail === undefined ? '' : ` (${outcome.detail})`}`;
    case 'exhaustion':
      return `exhaustion: ${outcome.what}`;
    case 'exception':
      return `exception ${outcome.tag} [${outcome.values.map(showValue).join(', ')}]`;
    case 'exit':
      return `exit ${outcome.code}`;
  }
}
