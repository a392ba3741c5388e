// Replays of what ended its process or never returned: each in a process of its own, so that triage outlives it.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StoredFinding } from './folder.ts';
import type { Replays, Shown } from './replays.ts';

const file = fileURLToPath(new URL('replay-alone.ts', import.meta.url));

/** Whether a finding must not be run in a process that is still needed. */
export const isDeadly = ({ finding: { kind } }: StoredFinding): boolean => kind === 'death' || kind === 'hang';

/** Runs a finding `times` times; after `seconds` a run is a hang. `fault` is the name of the planted one, if there is one. */
export function replayDeadly({ path, finding }: StoredFinding, times: number, fault: string | undefined, seconds: number): Replays {
  const ways = new Set<string>();
  let shown = 0;
  let last: Shown | undefined;
  for (let time = 0; time < times; time++) {
    const child = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', file, path, fault ?? ''], { encoding: 'utf8', timeout: 1000 * seconds, killSignal: 'SIGKILL' });
    const isLate = child.error !== undefined && 'code' in child.error && child.error.code === 'ETIMEDOUT';
    // It returned in peace: whatever it shows then is no death.
    if (!isLate && child.signal === null && child.status === 0) continue;
    const how = isLate ? `no end within ${seconds} s` : (child.signal ?? `exit code ${child.status ?? '?'}`);
    shown++;
    ways.add(how);
    last = { kind: isLate ? 'hang' : 'death', odd: finding.odd, detail: `the process ended by ${how}\n${child.stderr.slice(-2000)}`, fingerprint: '', engines: { [finding.odd ?? 'unknown']: how } };
  }
  return { times, shown, ways: ways.size, last, engines: [] };
}
