// Which optional features this CPU has, by the names targets use. Some instructions mean something else on a CPU without the feature
// (lzcnt runs as bsr, tzcnt as bsf), so code that uses them must not even be loaded there.
// Source: the kernel's list of flags, /proc/cpuinfo; `abm` is its name for lzcnt.

import { readFileSync } from 'node:fs';

const kernelNames: Readonly<Record<string, string>> = { 'sse4.1': 'sse4_1', popcnt: 'popcnt', lzcnt: 'abm', bmi1: 'bmi1' };

let known: ReadonlySet<string> | undefined;

/** Features of this CPU; none where the system does not tell. */
export function hostFeatures(): ReadonlySet<string> {
  if (known !== undefined) return known;
  let text = '';
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // No such file: nothing is known, so nothing is used.
  }
  const flags = new Set(/^flags\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? []);
  known = new Set(Object.entries(kernelNames).flatMap(([name, kernelName]) => (flags.has(kernelName) ? [name] : [])));
  return known;
}
