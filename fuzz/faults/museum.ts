// The museum: each planted fault is let loose on the lab in turn, and what becomes of it is written down.
//
// A hunt is a process of its own (hunt.ts), since some faults kill whoever runs them; two or more run beside each other. A fault whose machine code cannot
// run here is reported so. The control is a hunt with nothing planted: whatever it finds is a false alarm.

import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultTarget } from '../../compiler/inside.ts';
import { readSlot, slotFolder } from '../campaign/in-flight.ts';
import { isInRunner } from '../oracles/engine-name.ts';
import { campaignEngines, occasionalEngines, openEngine } from '../oracles/engines/index.ts';
import type { PlantedFault } from './fault.ts';
import type { Effort, HuntMessage, HuntOrder } from './hunt.ts';

/** What one hunt came to. */
export interface Exhibit {
  /** Undefined for the control. */
  readonly fault: PlantedFault | undefined;
  readonly seed: number;
  readonly outcome: 'found' | 'missed' | 'not here';
  /** Why it cannot be looked for here. */
  readonly reason?: string;
  readonly effort: Effort;
  readonly found?: { readonly how: string; readonly odd: string; readonly detail: string; readonly target: string; readonly number: number };
  readonly reduced?: { readonly bytes: number; readonly instructions: number };
  readonly located?: { readonly level: string; readonly rule: string | undefined; readonly evidence: string | undefined };
}

export interface MuseumPlan {
  /** Undefined stands for the control. */
  readonly faults: readonly (PlantedFault | undefined)[];
  readonly seeds: readonly number[];
  /** Processor time that each hunt may take. */
  readonly seconds: number;
  readonly workers: number;
  readonly shrinkSeconds: number;
}

const huntFile = fileURLToPath(new URL('hunt.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/assay-node/', import.meta.url));
/** A hunt that takes so many times its processor time by the clock hangs. */
const patience = 8;

/** The engines a fault is looked for with: those of a campaign, with the machine code of the fault's target. */
export async function enginesFor(fault: PlantedFault | undefined): Promise<{ readonly engines: readonly string[]; readonly occasional: readonly string[] }> {
  const target = fault?.target ?? defaultTarget;
  if (target === defaultTarget) return { engines: await campaignEngines(), occasional: (await occasionalEngines()).filter((name) => !isInRunner(name)) };
  return { engines: ['interp', target, `${target}:none`], occasional: ['ir', 'ir-opt', `${target}:explicit`, `${target}:none:explicit`] };
}

const nothing: Effort = { modules: 0, executions: 0, cpuSeconds: 0 };

/** Why a fault cannot be looked for here; undefined when it can. */
async function whyNot(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const availability = (await openEngine(name)).availability();
    if (!availability.available) return `${name}: ${availability.reason}`;
  }
  return undefined;
}

async function exhibit(fault: PlantedFault | undefined, seed: number, plan: MuseumPlan, folder: string): Promise<Exhibit> {
  const { engines, occasional } = await enginesFor(fault);
  const reason = await whyNot(engines);
  if (reason !== undefined) return { fault, seed, outcome: 'not here', reason, effort: nothing };
  const slot = join(folder, `${fault?.name ?? 'control'}-${seed}`);
  const order: HuntOrder = { fault: fault?.name, seed, seconds: plan.seconds, engines, occasional, shrinkSeconds: plan.shrinkSeconds, slot };
  let result: Exhibit = { fault, seed, outcome: 'missed', effort: nothing };
  return await new Promise((resolve) => {
    const child = fork(huntFile, [JSON.stringify(order)], { execArgv: ['--disable-warning=ExperimentalWarning'], env: { ...process.env, NODE_COMPILE_CACHE: compileCache }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let isOver = false;
    const alarm = setTimeout(() => child.kill('SIGKILL'), (plan.seconds + plan.shrinkSeconds + 60) * patience * 1000);
    child.on('message', (message: HuntMessage) => {
      switch (message.kind) {
        case 'progress':
          if (result.outcome === 'missed') result = { ...result, effort: message };
          break;
        case 'nothing':
          isOver = true;
          result = { ...result, effort: message };
          break;
        case 'found': {
          const { how, odd, detail, target, number, modules, executions, cpuSeconds } = message;
          result = { ...result, outcome: 'found', effort: { modules, executions, cpuSeconds }, found: { how, odd, detail, target, number } };
          break;
        }
        case 'reduced':
          result = { ...result, reduced: message };
          break;
        case 'located':
          result = { ...result, located: message };
          break;
      }
    });
    child.on('exit', (code, signal) => {
      clearTimeout(alarm);
      const inFlight = readSlot(slot);
      const died = code !== 0 || signal !== null;
      if (died && !isOver && result.outcome === 'missed' && inFlight?.running === true) {
        const odd = [...engines, ...occasional][inFlight.engine] ?? '';
        const effort = { ...result.effort, modules: inFlight.number + 1 };
        result = { ...result, outcome: 'found', effort, found: { how: 'death', odd, detail: `the process ended by ${signal ?? `exit code ${code}`}`, target: '', number: inFlight.number } };
      }
      resolve(result);
    });
  });
}

/** Runs all hunts, `workers` at a time, and answers them in order; `onExhibit` hears of each as it is done. */
export async function runMuseum(plan: MuseumPlan, onExhibit: (exhibit: Exhibit, done: number, all: number) => void): Promise<readonly Exhibit[]> {
  const hunts = plan.faults.flatMap((fault) => plan.seeds.map((seed) => ({ fault, seed })));
  const results = new Array<Exhibit | undefined>(hunts.length).fill(undefined);
  const folder = slotFolder();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < hunts.length; index = next++) {
      const hunt = hunts[index];
      if (hunt === undefined) return;
      const result = await exhibit(hunt.fault, hunt.seed, plan, folder);
      results[index] = result;
      onExhibit(result, ++done, hunts.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(plan.workers, hunts.length) }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results.flatMap((result) => result ?? []);
}

/** Whether the stage was named, and the rule where one was to be named. */
export function isAttributed({ fault, located }: Exhibit): { readonly stage: boolean; readonly rule: boolean | undefined } {
  const stage = fault !== undefined && located?.level === fault.level;
  return { stage, rule: fault?.rule === undefined ? undefined : stage && located?.rule !== undefined && [fault.rule, ...(fault.alsoRight ?? [])].includes(located.rule) };
}
