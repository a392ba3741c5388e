// Typed references: to functions of a known signature, without null, and the branches that tell null apart.

import type { Body, Form, Production } from './body.ts';
import { writeCast } from './casts.ts';
import { codes } from './instructions.ts';
import { writeNew } from './objects.ts';
import { type ConcreteReference, indexOf, isConcrete, nullable, type ValueType } from './types.ts';

/** Leaves a value of a type without null. */
export function writeNonNull(b: Body, type: ConcreteReference, depth: number): void {
  const { c } = b;
  const index = indexOf(type);
  const isFunction = b.swarm.defined[index]?.kind === 'function';
  switch (c.draw(8)) {
    case 0:
    case 1:
      if (b.hasLocal(type)) {
        b.opIndex(codes.localGet, b.local(type));
        return;
      }
      break;
    case 2:
      if (b.isGuarded()) break;
      b.expression(nullable(type), depth - 1);
      b.op(codes.refAsNonNull);
      return;
    case 3:
      b.open(codes.block, [], [type]);
      b.expression(nullable(type), depth - 1);
      b.opIndex(codes.brOnNonNull, 0);
      b.zero(type);
      b.close();
      return;
    case 4:
      writeCast(b, type, depth - 1);
      return;
    default:
  }
  if (isFunction) writeFunction(b, index);
  else writeNew(b, index, depth - 1);
}

function writeFunction(b: Body, type: number): void {
  const { functions } = b.shape;
  const candidates = functions.flatMap((f, index) => (f.type === type ? [index] : []));
  b.opIndex(codes.refFunc, candidates[b.c.draw(candidates.length)] ?? 0);
}

function isFunctionReference(b: Body, type: ValueType): type is ConcreteReference {
  return isConcrete(type) && b.swarm.defined[indexOf(type)]?.kind === 'function';
}

/** Signatures whose first result is of a type. */
function signaturesOf(b: Body, type: ValueType): number[] {
  return b.swarm.defined.flatMap((signature, index) => (signature.kind === 'function' && signature.results[0] === type ? [index] : []));
}

function writeCallRef(b: Body, index: number, depth: number): readonly ValueType[] {
  const signature = b.swarm.defined[index];
  if (signature?.kind !== 'function') return [];
  b.expressions(signature.params, depth - 2);
  b.expression(b.isGuarded() ? `ref ${index}` : `null ${index}`, depth - 1);
  b.opIndex(codes.callRef, index);
  return signature.results;
}

export const functionReferenceProductions: readonly Production[] = [
  {
    weight: (b, type) => (signaturesOf(b, type).length > 0 ? 4 : 0),
    write: (b, type, depth) => {
      const candidates = signaturesOf(b, type);
      b.consume(writeCallRef(b, candidates[b.c.draw(candidates.length)] ?? 0, depth).slice(1));
    },
  },
  {
    weight: (b, type) => (isFunctionReference(b, type) ? 10 : 0),
    write: (b, type, depth) => {
      if (!isConcrete(type)) return;
      if (b.c.draw(4) === 3) writeCast(b, type, depth);
      else writeFunction(b, indexOf(type));
    },
  },
];

export const functionReferenceForms: readonly Form[] = [
  {
    weight: 4,
    isUsable: (b) => b.swarm.signatures > 0,
    write: (b, depth) => b.consume(writeCallRef(b, b.c.draw(b.swarm.signatures), depth)),
  },
  {
    // What is not null goes on, in a block that null leaves.
    weight: 2,
    isUsable: (b) => b.swarm.defined.length > 0,
    write: (b, depth) => {
      const type: ConcreteReference = `null ${b.c.draw(b.swarm.defined.length)}`;
      b.open(codes.block, [], []);
      b.expression(type, depth - 1);
      b.opIndex(codes.brOnNull, 0);
      b.opIndex(codes.localSet, b.local(type));
      b.statements(b.c.draw(2), depth - 1);
      b.close();
    },
  },
];
