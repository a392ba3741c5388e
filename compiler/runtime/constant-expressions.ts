// Evaluates constant expressions of a manifest into 64 bits (standard, 3.3 "Constant Expressions", with extended constants).
// The result is what a global's cell or a table's element holds: i32 and f32 zero-extended, references as compiled code holds them.

import type { ConstantExpression, ConstantStep, Manifest } from '../contract/manifest.ts';
import { bug, unreachable } from '../base/errors.ts';

export interface ConstantScope {
  /** Bits of global `index`, imported or already initialised. */
  globalBits(index: number): bigint;
  /** Address of the descriptor of function `index`. */
  functionReference(index: number): number;
}

/**
 * Bits of each global and offset of each active data segment, for a module without imported globals: empty and undefined otherwise. References to functions
 * have no address yet and are 0.
 */
export function initialValuesOf({ globalInits, data, importedGlobals }: Manifest): { readonly globals: readonly bigint[]; readonly dataOffsets: readonly (number | undefined)[] } {
  if (importedGlobals > 0) return { globals: [], dataOffsets: data.map(() => undefined) };
  const globals: bigint[] = [];
  const scope: ConstantScope = { globalBits: (index) => globals[index] ?? bug('a global is read before it has a value', `global ${index}`), functionReference: () => 0 };
  for (const init of globalInits) globals.push(evaluateConstant(init, scope));
  return { globals, dataOffsets: data.map(({ mode }) => (mode.mode === 'active' ? Number(evaluateConstant(mode.offset, scope)) : undefined)) };
}

/** The value's bits, unsigned. */
export function evaluateConstant(expression: ConstantExpression, scope: ConstantScope): bigint {
  const [first] = expression;
  if (first !== undefined && expression.length === 1) return evaluateLeaf(first, scope) ?? bug(`constant expression begins with ${first.op}`);
  const stack: bigint[] = [];
  const pop = (): bigint => stack.pop() ?? bug('constant expression pops from an empty stack');
  for (const step of expression) {
    const leaf = evaluateLeaf(step, scope);
    if (leaf !== undefined) {
      stack.push(leaf);
      continue;
    }
    const right = pop();
    const left = pop();
    stack.push(evaluateBinary(step, left, right));
  }
  const result = pop();
  if (stack.length !== 0) bug('constant expression leaves values behind');
  return result;
}

function evaluateLeaf(step: ConstantStep, scope: ConstantScope): bigint | undefined {
  switch (step.op) {
    case 'i32.const': return BigInt(step.bits >>> 0);
    case 'f32.const': return BigInt(step.bits >>> 0);
    case 'i64.const': return BigInt.asUintN(64, step.bits);
    case 'f64.const': return BigInt.asUintN(64, step.bits);
    case 'ref.null': return 0n;
    case 'ref.func': return BigInt(scope.functionReference(step.index));
    case 'global.get': return scope.globalBits(step.index);
    default: return undefined;
  }
}

function evaluateBinary(step: ConstantStep, left: bigint, right: bigint): bigint {
  switch (step.op) {
    case 'i32.add': return BigInt.asUintN(32, left + right);
    case 'i32.sub': return BigInt.asUintN(32, left - right);
    case 'i32.mul': return BigInt.asUintN(32, left * right);
    case 'i64.add': return BigInt.asUintN(64, left + right);
    case 'i64.sub': return BigInt.asUintN(64, left - right);
    case 'i64.mul': return BigInt.asUintN(64, left * right);
    case 'i32.const': case 'f32.const': case 'i64.const': case 'f64.const': case 'ref.null': case 'ref.func': case 'global.get':
      return bug(`${step.op} is not binary`);
    default: return unreachable(step);
  }
}
