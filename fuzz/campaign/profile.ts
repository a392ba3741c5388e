// Where a worker's CPU time goes: by engine and phase, and for our compiler by stage.
//
// Phases are measured in CPU time of the worker's own thread, so that a busy machine changes little. Stages are too short for that clock: they are
// measured in wall time, and the phase `compile` is divided in their proportion. What else the worker's process does (the garbage collector's and the
// just-in-time compilers' threads) is `helpers`; the processes it started are `runners`. All figures are milliseconds over all modules.

import { readdirSync, readFileSync } from 'node:fs';
import type { RunPhase, Stopwatch } from '../oracles/stopwatch.ts';

/** What the harness itself does, under the name `lab`. */
export type LabPhase = 'generate' | 'slot' | 'plan' | 'compare' | 'oracles' | 'novelty' | 'report';

export interface ProfileFigures {
  /** By engine, then by phase. */
  readonly phases: Record<string, Record<string, number>>;
  /** By engine, then by stage. */
  readonly stages: Record<string, Record<string, number>>;
  helpers: number;
  runners: number;
}

export function emptyFigures(): ProfileFigures {
  return { phases: {}, stages: {}, helpers: 0, runners: 0 };
}

/** Adds all of `from` to `into`. */
export function addFigures(into: ProfileFigures, from: ProfileFigures): void {
  for (const kind of ['phases', 'stages'] as const) {
    for (const [engine, figures] of Object.entries(from[kind])) {
      const sum = (into[kind][engine] ??= {});
      for (const [name, milliseconds] of Object.entries(figures)) sum[name] = (sum[name] ?? 0) + milliseconds;
    }
  }
  into.helpers += from.helpers;
  into.runners += from.runners;
}

/** All CPU time in it. */
export function totalOf({ phases, helpers, runners }: ProfileFigures): number {
  let sum = helpers + runners;
  for (const figures of Object.values(phases)) for (const milliseconds of Object.values(figures)) sum += milliseconds;
  return sum;
}

function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU time of this process's children that live. */
function childrenTime(): number {
  let sum = 0;
  for (const task of readdirSync('/proc/self/task')) {
    for (const child of readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ')) {
      if (child === '') continue;
      try {
        // Nanoseconds on a CPU come first in each thread's line.
        for (const thread of readdirSync(`/proc/${child}/task`)) sum += Number(readFileSync(`/proc/${child}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
      } catch {
        // It has just ended.
      }
    }
  }
  return sum;
}

/** The stopwatch of a worker's life. */
export class Profile implements Stopwatch {
  private readonly figures = emptyFigures();
  private readonly startedThread = threadTime();
  private readonly startedProcess = processTime();
  private engine = 'lab';
  private current: string | undefined = undefined;
  private since = 0;

  private begin(phase: string): void {
    const now = threadTime();
    if (this.current !== undefined) {
      const figures = (this.figures.phases[this.engine] ??= {});
      figures[this.current] = (figures[this.current] ?? 0) + now - this.since;
    }
    this.current = phase;
    this.since = now;
  }

  /** A phase of the harness begins. */
  lab(phase: LabPhase): void {
    this.begin(phase);
    this.engine = 'lab';
  }

  /** The phases that follow are this engine's; its first is what it takes to open a store. */
  engineBegins(name: string): void {
    this.begin('instantiate');
    this.engine = name;
  }

  phase(phase: RunPhase): void {
    this.begin(phase);
  }

  now(): number {
    return performance.now();
  }

  stages(milliseconds: ReadonlyMap<string, number>): void {
    const figures = (this.figures.stages[this.engine] ??= {});
    for (const [stage, time] of milliseconds) figures[stage] = (figures[stage] ?? 0) + time;
  }

  /** The figures so far, as totals; stages in proportion to the phase `compile`. */
  read(): ProfileFigures {
    const result = emptyFigures();
    addFigures(result, this.figures);
    for (const [engine, stages] of Object.entries(result.stages)) {
      const wall = Object.values(stages).reduce((sum, time) => sum + time, 0);
      const share = (result.phases[engine]?.['compile'] ?? 0) / Math.max(wall, Number.MIN_VALUE);
      for (const stage of Object.keys(stages)) stages[stage] = (stages[stage] ?? 0) * share;
    }
    result.helpers = Math.max(0, processTime() - this.startedProcess - (threadTime() - this.startedThread));
    result.runners = childrenTime();
    return result;
  }
}

/** The figures as data: all milliseconds per module. */
export function profileAnswer(figures: ProfileFigures, modules: number): Record<string, unknown> {
  const each = (milliseconds: number): number => Number((milliseconds / Math.max(1, modules)).toFixed(4));
  const eachOf = (by: ProfileFigures['phases']): ProfileFigures['phases'] =>
    Object.fromEntries(Object.entries(by).map(([engine, row]) => [engine, Object.fromEntries(Object.entries(row).map(([name, time]) => [name, each(time)]))]));
  const total = totalOf(figures);
  return {
    cpuMsPerModule: each(total), modulesPerCpuSecond: Number(((1000 * modules) / Math.max(total, 1)).toFixed(1)),
    phases: eachOf(figures.phases), stages: eachOf(figures.stages), helpers: each(figures.helpers), runners: each(figures.runners),
  };
}

/** The figures as lines of text: milliseconds per module. */
export function profileLines(figures: ProfileFigures, modules: number): string[] {
  const each = (milliseconds: number | undefined): string => (milliseconds === undefined ? '-' : (milliseconds / Math.max(1, modules)).toFixed(3));
  const table = (header: string, by: Readonly<Record<string, Readonly<Record<string, number>>>>, least: number): string[] => {
    const sums = new Map<string, number>();
    for (const row of Object.values(by)) for (const [name, time] of Object.entries(row)) sums.set(name, (sums.get(name) ?? 0) + time);
    const columns = [...sums].filter(([, time]) => time / Math.max(1, modules) >= least).sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const rows = Object.entries(by).map(([name, row]) => [name, each(Object.values(row).reduce((sum, time) => sum + time, 0)), ...columns.map((column) => each(row[column]))]);
    const cells = [[header, 'all', ...columns], ...rows];
    const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
    return cells.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd());
  };
  const total = totalOf(figures);
  return [
    `CPU time: ${each(total)} ms a module, ${((1000 * modules) / Math.max(total, 1)).toFixed(0)} modules per CPU second`,
    '',
    ...table('ms a module by phase', figures.phases, 0),
    `helper threads (garbage collection, just-in-time compilation)  ${each(figures.helpers)}`,
    `runner processes                                               ${each(figures.runners)}`,
    ...(Object.keys(figures.stages).length === 0 ? [] : ['', ...table('of compile, by stage', figures.stages, 0.005)]),
  ];
}
