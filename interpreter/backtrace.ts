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

/** Activations kept of a deep stack at each end; what lies between says nothing new. */
const INNERMOST = 48;
const OUTERMOST = 16;

type Positions = Pick<CompactCode, 'positions' | 'offsets'>;

interface Frame { readonly func: FunctionInstance; readonly position: number }

export class Backtrace {
  private readonly frames: readonly Frame[];
  /** Activations there were, kept or not. */
  readonly depth: number;
  constructor(frames: readonly Frame[], depth: number) {
    this.frames = frames;
    this.depth = depth;
  }

  /** Innermost first. */
  resolve(): readonly Activation[] {
    const mapped = new Map<FunctionInstance, Positions>();
    return this.frames.map(({ func, position }) => {
      const positions = mapped.get(func) ?? positionsOf(func);
      mapped.set(func, positions);
      return {
        functionIndex: func.index,
        offset: positions.offsets[operatorAt(positions, position)] ?? -1,
        name: func.instance === undefined ? undefined : functionNames(func.instance.context.module).get(func.index),
      };
    });
  }
}

export function captureStack(m: Machine): Backtrace {
  const frames: Frame[] = [];
  for (let depth = m.depth; depth >= 0; depth--) {
    if (depth <= m.depth - INNERMOST && depth >= OUTERMOST) continue;
    const func = m.functions[depth];
    if (func !== undefined) frames.push({ func, position: (depth === m.depth ? m.pc : int(m.frames, depth * 2)) - 1 });
  }
  return new Backtrace(frames, m.depth + 1);
}

/** Index in `positions` of the operator that contains a position, or -1. */
export function operatorAt({ positions }: Positions, position: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = low + high >> 1;
    if ((positions[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where the operators of a function came from; empty for what has no body. */
function positionsOf(func: FunctionInstance): Positions {
  if (func.instance === undefined || func.body === undefined) return { positions: [], offsets: [] };
  return func.compact !== undefined && func.compact.positions.length > 0 ? func.compact : compileBody(func.instance.context, func.body, new Emitter(true));
}
