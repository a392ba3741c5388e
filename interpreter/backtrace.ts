// Who called whom when something went wrong.
// Chapter: none. Positions are kept raw and turned into byte offsets only when somebody looks: that needs a second translation.
import type { Machine } from './machine.ts';
import type { FunctionInstance } from './store.ts';
import type { Activation } from './outcome.ts';
import { Emitter } from './compact.ts';
import type { CompactCode } from './compact.ts';
import { compileBody } from './validate-code.ts';
import { functionNames } from './names.ts';
import { int } from './cells.ts';

/** Innermost activations kept; the rest of a deep recursion says nothing new. */
const KEPT = 64;

export class Backtrace {
  private readonly frames: readonly { func: FunctionInstance; position: number }[];
  constructor(frames: readonly { func: FunctionInstance; position: number }[]) {
    this.frames = frames;
  }

  /** Innermost first. */
  resolve(): readonly Activation[] {
    return this.frames.map(({ func, position }) => ({
      functionIndex: func.index,
      offset: offsetOf(func, position),
      name: func.instance === undefined ? undefined : functionNames(func.instance.context.module).get(func.index),
    }));
  }
}

export function captureStack(m: Machine): Backtrace {
  const frames: { func: FunctionInstance; position: number }[] = [];
  for (let depth = m.depth; depth >= 0 && frames.length < KEPT; depth--) {
    const func = m.functions[depth];
    if (func !== undefined) frames.push({ func, position: (depth === m.depth ? m.pc : int(m.frames, depth * 2)) - 1 });
  }
  return new Backtrace(frames);
}

/** Index in `positions` of the operator that contains a position, or -1. */
export function operatorAt(compact: CompactCode, position: number): number {
  let low = 0;
  let high = compact.positions.length;
  while (low < high) {
    const middle = low + high >> 1;
    if ((compact.positions[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function offsetOf(func: FunctionInstance, position: number): number {
  if (func.instance === undefined || func.body === undefined) return -1;
  const mapped = func.compact !== undefined && func.compact.positions.length > 0
    ? func.compact : compileBody(func.instance.context, func.body, new Emitter(true));
  return mapped.offsets[operatorAt(mapped, position)] ?? -1;
}
