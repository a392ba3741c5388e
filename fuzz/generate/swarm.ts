// The swarm: before anything else, a module draws which features and instruction groups it may use at all.
// Modules that use everything all look alike, and some faults show only where something is left out (Groce and others, "Swarm Testing", 2012).
// Off is 0 on the tape, so that shrinking switches features off.

import type { Choices } from './choices.ts';
import { drawDefined, type Grouping } from './defined.ts';
import { type Features, noFeatures } from './features.ts';
import { groups, type PlainInstruction, plainInstructions } from './instructions.ts';
import { type ConcreteReference, type DefinedType, isConcrete, type NumericType, type ValueType } from './types.ts';
import { allVectorInstructions } from './relaxed-instructions.ts';
import { type VectorInstruction, vectorGroups } from './vector-instructions.ts';

export interface Swarm {
  /** Types of locals, blocks, globals and signatures; none without a null among the references. */
  readonly types: readonly ValueType[];
  /** The same for drawing from, where some are there several times. */
  readonly declared: readonly ValueType[];
  /** Of those, what a host function may take and answer. */
  readonly boundary: readonly ValueType[];
  /** Of those, the types that the host has a name for: of imported globals and tags. */
  readonly named: readonly ValueType[];
  readonly features: Features;
  /** By type index, from 0 on. */
  readonly defined: readonly DefinedType[];
  readonly signatures: number;
  readonly grouping: Grouping;
  /** References without null that some locals have. */
  readonly nonNull: readonly ConcreteReference[];
  /** Vector instructions by result, of the groups that are on. */
  readonly vectors: Readonly<Record<NumericType | 'v128', readonly VectorInstruction[]>>;
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
const sizeWeights = [1, 3, 4, 4, 3, 1] as const;
const sizeTotal = sizeWeights.reduce((sum, weight) => sum + weight, 0);

function noRows(): Record<NumericType, PlainInstruction[]> {
  return { i32: [], i64: [], f32: [], f64: [] };
}

const noVectors: Swarm['vectors'] = { i32: [], i64: [], f32: [], f64: [], v128: [] };

/** Draws a swarm of Wasm 2.0 without vectors, with extended constants and several memories. */
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
  const types: readonly ValueType[] = references ? [...numeric, 'funcref', 'externref'] : numeric;
  return {
    types,
    declared: types,
    boundary: types,
    named: types,
    features: noFeatures,
    defined: [],
    signatures: 0,
    grouping: 'alone',
    nonNull: [],
    vectors: noVectors,
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

function drawVectors(c: Choices, numeric: readonly NumericType[]): Swarm['vectors'] {
  const isOn = new Set(vectorGroups.filter(() => c.draw(4) > 0));
  const rows: Record<NumericType | 'v128', VectorInstruction[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  const isThere = (type: NumericType | 'v128'): boolean => type === 'v128' || numeric.includes(type);
  for (const row of allVectorInstructions) if (isOn.has(row.group) && isThere(row.result) && row.params.every(isThere)) rows[row.result].push(row);
  return rows;
}

/** Draws a swarm of Wasm 3.0 and threads: at least one feature beyond `drawSwarm`'s. */
export function drawModernSwarm(c: Choices, features: Features): Swarm {
  const base = drawSwarm(c);
  const { numeric } = base;
  const types: ValueType[] = [...base.types];
  if (features.vectors) types.push('v128');
  const needsReferences = features.functionReferences || features.collected;
  if (needsReferences && !base.references) types.push('funcref', 'externref');
  const references: ValueType[] = [];
  if (features.exceptions && c.draw(2) > 0) references.push('exnref');
  if (features.collected) {
    references.push('anyref', 'eqref');
    for (const type of ['i31ref', 'structref', 'arrayref'] as const) if (c.draw(2) > 0) references.push(type);
  }
  const { defined, signatures, grouping } = drawDefined(c, features, [...types, ...references]);
  const concrete = defined.map((_, index): ConcreteReference => `null ${index}`);
  const nonNull = defined.flatMap((_, index): ConcreteReference[] => (c.draw(3) === 2 ? [`ref ${index}`] : []));
  const all = [...types, ...references, ...concrete];
  return {
    ...base,
    references: base.references || needsReferences,
    types: all,
    declared: [...numeric, ...(features.vectors ? ['v128' as const] : []), ...all],
    boundary: all,
    named: all.filter((type) => type !== 'exnref' && !isConcrete(type)),
    features,
    defined,
    signatures,
    grouping,
    nonNull,
    vectors: features.vectors ? drawVectors(c, numeric) : noVectors,
  };
}
