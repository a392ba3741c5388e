// What the inputs of a corpus cover, from the log of a replay: by file of the compiler the edges that were ever hit and the functions that were never entered;
// as data, as text, and in the format of lcov, which other tools read.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edge } from './instrument.ts';
import { instrumentFile, maybeInstrumented } from './loader.ts';
import type { ReplayLine } from './replay.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface FunctionCoverage {
  /** By the nearest name there is; several may share it. */
  readonly name: string;
  readonly line: number;
}

export interface FileCoverage {
  readonly file: string;
  readonly edges: number;
  readonly hit: number;
  readonly functions: number;
  readonly functionsHit: number;
  /** Functions never entered, by line. */
  readonly never: readonly FunctionCoverage[];
}

export interface CoverageReport {
  readonly inputs: number;
  readonly edges: number;
  readonly hit: number;
  readonly functions: number;
  readonly functionsHit: number;
  readonly events: readonly string[];
  readonly files: readonly FileCoverage[];
}

/** By file: how many of the inputs hit each edge. */
export type HitCounts = ReadonlyMap<string, Uint32Array>;

/** The edges of every source that guided fuzzing counts, whether it was loaded or not. */
export function allEdges(): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, readonly Edge[]>();
  for (const path of globSync('compiler/**/*.ts', { cwd: root }).sort()) {
    const name = maybeInstrumented(new URL(`file://${join(root, path)}`).href);
    const list = name === undefined ? [] : instrumentFile(name).edges;
    if (name !== undefined && list.length > 0) edges.set(name, list);
  }
  return edges;
}

export function hitCounts(edges: ReadonlyMap<string, readonly Edge[]>, log: readonly ReplayLine[]): HitCounts {
  const counts = new Map([...edges].map(([name, list]) => [name, new Uint32Array(list.length)]));
  for (const line of log) {
    if (!('input' in line)) continue;
    for (const [name, hit] of Object.entries(line.edges)) {
      const column = counts.get(name);
      for (const index of hit) if (column !== undefined) column[index] = (column[index] ?? 0) + 1;
    }
  }
  return counts;
}

export function reportOf(edges: ReadonlyMap<string, readonly Edge[]>, log: readonly ReplayLine[]): CoverageReport {
  const counts = hitCounts(edges, log);
  const files = [...edges].map(([file, list]): FileCoverage => {
    const column = counts.get(file) ?? new Uint32Array();
    const functions = list.flatMap((edge, index) => (edge.kind === 'function' ? [{ edge, times: column[index] ?? 0 }] : []));
    return {
      file, edges: list.length, hit: column.reduce((sum, times) => sum + (times > 0 ? 1 : 0), 0), functions: functions.length, functionsHit: functions.filter(({ times }) => times > 0).length,
      never: functions.filter(({ times }) => times === 0).map(({ edge }) => ({ name: edge.within, line: edge.line })),
    };
  });
  const sum = (pick: (file: FileCoverage) => number): number => files.reduce((total, file) => total + pick(file), 0);
  const inputs = log.filter((line) => 'input' in line);
  return {
    inputs: inputs.length, edges: sum((file) => file.edges), hit: sum((file) => file.hit), functions: sum((file) => file.functions), functionsHit: sum((file) => file.functionsHit),
    events: [...new Set(inputs.flatMap(({ events }) => events))].sort(), files,
  };
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

/** Files from the least to the best covered, then the functions never entered. */
export function coverageText(report: CoverageReport): string {
  const { inputs, edges, hit, functions, functionsHit, events, files } = report;
  const sorted = files.toSorted((a, b) => a.hit / a.edges - b.hit / b.edges || (a.file < b.file ? -1 : 1));
  const width = Math.max(...sorted.map(({ file }) => file.length));
  return [
    `${inputs} inputs: ${hit} of ${edges} edges (${percent(hit, edges)}), ${functionsHit} of ${functions} functions, ${events.length} events`,
    '',
    ...sorted.map((file) => `${file.file.padEnd(width)}  ${`${file.hit}/${file.edges}`.padStart(9)}  ${percent(file.hit, file.edges).padStart(7)}`),
    '',
    'never entered:',
    ...sorted.flatMap(({ file, never }) => (never.length === 0 ? [] : [`  ${file}: ${never.map(({ name, line }) => `${name === '' ? '(at the top)' : name} ${line}`).join(', ')}`])),
  ].join('\n');
}

/** The same as lcov has it: functions by name and line, every other edge as a branch. */
export function lcovText(edges: ReadonlyMap<string, readonly Edge[]>, log: readonly ReplayLine[]): string {
  const counts = hitCounts(edges, log);
  const lines: string[] = [];
  for (const [file, list] of edges) {
    const column = counts.get(file) ?? new Uint32Array();
    const timesOf = (index: number): number => column[index] ?? 0;
    lines.push('TN:', `SF:${file}`);
    // Names must differ within a file.
    const functions = list.flatMap((edge, index) => (edge.kind === 'function' ? [{ name: `${edge.within === '' ? 'top' : edge.within}:${edge.line}.${index}`, line: edge.line, times: timesOf(index) }] : []));
    lines.push(...functions.map(({ name, line }) => `FN:${line},${name}`), ...functions.map(({ name, times }) => `FNDA:${times},${name}`));
    lines.push(`FNF:${functions.length}`, `FNH:${functions.filter(({ times }) => times > 0).length}`);
    const branches = list.flatMap((edge, index) => (edge.kind === 'function' ? [] : [{ line: edge.line, index }]));
    lines.push(...branches.map(({ line, index }) => `BRDA:${line},0,${index},${timesOf(index)}`), `BRF:${branches.length}`, `BRH:${branches.filter(({ index }) => timesOf(index) > 0).length}`);
    lines.push('end_of_record');
  }
  return `${lines.join('\n')}\n`;
}
