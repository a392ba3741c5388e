// Which folder a campaign of the command line lives in, and the plan with which it goes on there.

import { join } from 'node:path';
import { Ledger, LedgerError } from '../fuzz/campaign/ledger.ts';
import type { CampaignPlan } from '../fuzz/campaign/plan.ts';
import { root, UsageError } from './frame.ts';

/** A folder for a campaign that was given none: named by the time, so that names sort. */
export function freshFolder(now: Date): string {
  return join(root, 'campaigns', `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${process.pid}`);
}

/** Refuses a folder that holds a campaign already. */
export function expectNoCampaign(folder: string): void {
  if (Ledger.exists(folder)) throw new UsageError(`${folder}: holds a campaign already; to go on with it: assay fuzz --resume ${folder}`);
}

/** What was said on the command line, each undefined where nothing was. */
export interface ResumeOptions {
  readonly seconds: number | undefined;
  readonly workers: number | undefined;
  readonly maxModules: number | undefined;
}

/** The plan of a campaign that goes on: the old one, for the time that is left or for so many seconds more. */
export function resumedPlan(folder: string, { seconds, workers, maxModules }: ResumeOptions): CampaignPlan {
  const ledger = openToRead(folder);
  try {
    const plan = ledger.maybePlan();
    if (plan === undefined) throw new UsageError(`${folder}: its campaign never began`);
    const left = seconds ?? Math.ceil(ledger.budget() - ledger.secondsRun());
    if (left <= 0) throw new UsageError(`${folder}: its time is up; --seconds N goes on for N seconds more`);
    return { ...plan, folder, seconds: left, workers: workers ?? plan.workers, maxModules: maxModules ?? plan.maxModules };
  } finally {
    ledger.close();
  }
}

/** A campaign's ledger, to look at. */
export function openToRead(folder: string): Ledger {
  try {
    return Ledger.read(folder);
  } catch (error) {
    throw error instanceof LedgerError ? new UsageError(error.message) : error;
  }
}
