// All mutations, and how they are applied: so many, drawn by the choices.

import type { Choices } from '../generate/choices.ts';
import type { Code, Instruction } from '../edit/instructions.ts';
import type { EditModule } from '../edit/module.ts';
import { addDeadCode } from './add-dead-code.ts';
import { addIdentity } from './add-identity.ts';
import { addUnused } from './add-unused.ts';
import { changeConstant } from './change-constant.ts';
import { doubleFunction, removeExport, removeFunction, widenMemory } from './change-outside.ts';
import { flipCondition } from './flip-condition.ts';
import { inlineCall } from './inline-call.ts';
import type { Mutation } from './mutation.ts';
import { outlineCode } from './outline-code.ts';
import { removeStatement, repeatStatement } from './remove-statement.ts';
import { reorderFunctions, reorderLocals, reorderTypes } from './reorder.ts';
import { replaceOperator } from './replace-operator.ts';
import { splitConstant } from './split-constant.ts';
import { swapCommutative } from './swap-commutative.ts';
import { swapOperands } from './swap-operands.ts';
import { throughLocal } from './through-local.ts';
import { unrollLoop } from './unroll-loop.ts';
import { useLocal } from './use-local.ts';
import { wrapInBlock } from './wrap-in-block.ts';

export const mutations: readonly [Mutation, ...Mutation[]] = [
  changeConstant, replaceOperator, swapOperands, useLocal, removeStatement, repeatStatement, removeExport, removeFunction, doubleFunction, widenMemory,
  wrapInBlock, addIdentity, splitConstant, addDeadCode, unrollLoop, inlineCall, outlineCode, reorderFunctions, reorderTypes, reorderLocals, addUnused, throughLocal, flipCondition, swapCommutative,
];

const preserving = mutations.filter(({ preservesMeaning }) => preservesMeaning);

/** The module with no sequence in two places: mutations find their place by the sequence, and copies that share one would change together. */
function withOwnCode(m: EditModule): EditModule {
  const seen = new Set<Code>();
  const own = (code: Code): Code => {
    const isShared = seen.has(code);
    seen.add(code);
    let copy: Instruction[] | undefined = isShared ? [...code] : undefined;
    for (const [at, one] of code.entries()) {
      if (one.body === undefined) continue;
      const body = own(one.body);
      const otherwise = one.otherwise === undefined ? undefined : own(one.otherwise);
      if (!isShared && body === one.body && otherwise === one.otherwise) continue;
      copy ??= [...code];
      copy[at] = { row: one.row, args: one.args, body, ...(otherwise === undefined ? {} : { otherwise }) };
    }
    return copy ?? code;
  };
  return { ...m, functions: m.functions.map((one) => {
    const body = own(one.body);
    return body === one.body ? one : { ...one, body };
  }) };
}

/** Larger modules are not mutated further, since inlining and unrolling feed on what they made. */
const mostFunctions = 60;

function mutatedBy(list: readonly Mutation[], c: Choices, m: EditModule, most: number): { readonly m: EditModule; readonly names: readonly string[] } {
  let result = m;
  const names: string[] = [];
  for (let count = 1 + c.draw(most); count > 0 && result.functions.length < mostFunctions; count--) {
    const mutation = c.maybePick(list);
    const after = mutation === undefined ? undefined : c.section(() => mutation.apply(c, result));
    if (mutation === undefined || after === undefined) continue;
    result = withOwnCode(after);
    names.push(mutation.name);
  }
  return { m: result, names };
}

/** A neighbour of a module; `most` mutations at most. */
export function mutated(c: Choices, m: EditModule, most = 6): { readonly m: EditModule; readonly names: readonly string[] } {
  return mutatedBy(mutations, c, m, most);
}

/** Another module with the same meaning. */
export function sameMeaning(c: Choices, m: EditModule, most = 6): { readonly m: EditModule; readonly names: readonly string[] } {
  return mutatedBy(preserving, c, m, most);
}
