// Processor time of this process and of the processes it has started, runners and emulators included.

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the time of other processes in these. */
const ticksPerSecond = 100;

/** User and system time of a process, and of those it has waited for, from its line in /proc, in seconds; 0 when it has gone. */
function secondsOf(pid: string): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

function childrenOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter((child) => child !== ''));
  } catch {
    return [];
  }
}

/** Seconds of processor time since the process began: its own, that of its living children and of those they have waited for, and of those it has waited for itself. */
export function cpuSeconds(): number {
  const own = process.cpuUsage();
  const pid = String(process.pid);
  let seconds = (own.user + own.system) / 1e6;
  try {
    const line = readFileSync('/proc/self/stat', 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    seconds += (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
  } catch {
    // No /proc: the children's time is not counted.
  }
  for (const child of childrenOf(pid)) seconds += secondsOf(child);
  return seconds;
}
