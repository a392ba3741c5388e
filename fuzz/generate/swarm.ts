// The swarm: before anything else, a module draws which features and instruction groups it may use at all.
// Modules that use everything all look alike, and some faults show only where something is left out (Groce and others, "Swarm Testing", 2012).
// Off is 0 on the tape, so that shrinking switches features off.

import type { Choices } from './choices.ts';
import { groups, type NumericType, type PlainInstruction, plainInstructions, type ValueType } from './instructions.ts';

export interface Swarm {
  readonly types: readonly ValueType[];
  readonly numeric: readonly [NumericType, ...NumericType[]];
  readonly references: boolean;
  /** Instructions without immediates by result type, of the groups that are on. */
  readonly plain: Readonly<Record<NumericType, readonly PlainInstruction[]>>;
  /** Of those, the ones that never trap and show no NaN's bits. */
  readonly harmless: Readonly<Record<NumericType, readonly PlainInstruction[]>>;
  /** Of the harmless, those that make one value of two of the same type. */
  readonly folding: Readonly<Record<NumericType, readonly PlainInstruction[]>>;
  readonly comparing: readonly PlainInstruction[];
  readonly memory: boolean;
  readonly multiMemory: boolean;
  readonly bulk: boolean;
  readonly tables: boolean;
  readonly calls: boolean;
  readonly hostCalls: boolean;
  readonly globals: boolean;
  readonly control: boolean;
  readonly loops: boolean;
  readonly multiValue: boolean;
  readonly extendedConst: boolean;
  readonly importedState: boolean;
  readonly start: boolean;
  /** Many values live at once. */
  readonly pressure: boolean;
  /** 0: operations are guarded against traps; 1: now and then not; 2: never guarded. */
  readonly trapping: 0 | 1 | 2;
  /** What happens when the module's own fuel is spent. */
  readonly exhaustion: 'return' | 'trap';
  /** Instructions to write, roughly, over all functions. */
  readonly size: number;
}

const sizes = [12, 40, 100, 220, 450, 900] as const;
const sizeWeights = [2, 3, 4, 4, 3, 1] as const;
const sizeTotal = sizeWeights.reduce((sum, weight) => sum + weight, 0);

function noRows(): Record<NumericType, PlainInstruction[]> {
  return { i32: [], i64: [], f32: [], f64: [] };
}

/** Draws a swarm. */
export function drawSwarm(c: Choices): Swarm {
  const on = (): boolean => c.draw(4) > 0;
  const size = sizes[c.weighted(sizeWeights, sizeTotal)] ?? 12;
  const hasI64 = on();
  const hasF32 = on();
  const hasF64 = on();
  const references = c.draw(2) > 0;
  const numeric: [NumericType, ...NumericType[]] = ['i32'];
  if (hasI64) numeric.push('i64');
  if (hasF32) numeric.push('f32');
  if (hasF64) numeric.push('f64');
  const isOn = new Set(groups.filter(on));
  const plain = noRows();
  const harmless = noRows();
  const folding = noRows();
  const comparing: PlainInstruction[] = [];
  for (const row of plainInstructions) {
    const { result, params, group } = row;
    const [first, second] = params;
    if (!isOn.has(group) || !numeric.includes(result) || first === undefined || !numeric.includes(first)) continue;
    plain[result].push(row);
    if (group === 'compare' || group === 'float-compare') comparing.push(row);
    if (row.guard !== undefined || row.exact.length > 0) continue;
    harmless[result].push(row);
    if (first === result && second === result) folding[result].push(row);
  }
  const tables = on();
  const trapping = c.draw(4);
  return {
    types: references ? [...numeric, 'funcref', 'externref'] : numeric,
    numeric,
    references,
    plain,
    harmless,
    folding,
    comparing,
    memory: on(),
    multiMemory: c.draw(2) > 0,
    bulk: on(),
    tables,
    calls: on(),
    hostCalls: on(),
    globals: on(),
    control: on(),
    loops: on(),
    multiValue: on(),
    extendedConst: c.draw(2) > 0,
    importedState: c.draw(2) > 0,
    start: c.draw(8) === 7,
    pressure: c.draw(3) > 0,
    trapping: trapping < 2 ? 0 : trapping === 2 ? 1 : 2,
    exhaustion: c.draw(2) === 0 ? 'return' : 'trap',
    size,
  };
}
