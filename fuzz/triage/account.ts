// What a folder of findings and its life-cycle file say of each other, without running anything: what `npm test` asks of the repository's own.

import { basename, join } from 'node:path';
import { findingFolders } from './folder.ts';
import { readLifeCycle } from './life-cycle.ts';
import { lifeCycleFile } from './triage.ts';

/** Complaints, one line each: findings that nobody has said are known, and lines about findings that are not there. Empty when all is accounted for. */
export function unaccounted(folder: string): string[] {
  const { states } = readLifeCycle(join(folder, lifeCycleFile));
  const present = new Set(findingFolders(folder).map((path) => basename(path)));
  const complaints: string[] = [];
  for (const signature of present) {
    const state = states.get(signature) ?? 'new';
    if (state === 'new' || state === 'regressed') complaints.push(`${signature} is ${state}: fix it, or write 'known' before it in ${lifeCycleFile}`);
    if (state === 'fixed') complaints.push(`${signature} is fixed: move its module to corpus/regressions/ and remove its folder`);
  }
  for (const [signature, state] of states) if (state !== 'fixed' && !present.has(signature)) complaints.push(`${lifeCycleFile} says that ${signature} is ${state}, and there is no such folder`);
  return complaints;
}
