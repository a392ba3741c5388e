// Processes of this machine by what they were started with, where the system shows them in /proc (proc(5)).

import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose arguments, each behind a NUL, contain `text`. One that ends meanwhile or is somebody else's is not there. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => (maybeArguments(Number(name))?.includes(text) === true ? [Number(name)] : []));
}

/** The arguments of a process as the system shows them: each ends with a NUL. Undefined when it is gone or cannot be looked at. */
export function maybeArguments(id: number): string | undefined {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return undefined;
  }
}
