// Which optional features this CPU has, by the names its target uses. Some instructions mean something else on a CPU without the feature
// (lzcnt runs as bsr, tzcnt as bsf), so code that uses them must not even be loaded there.
// Source: the kernel's description of the CPUs, /proc/cpuinfo, in the words that the target knows.

import { readFileSync } from 'node:fs';
import { maybeTargetOn, targetOf } from '../../isa/index.ts';

let known: ReadonlySet<string> | undefined;

/** Features of this CPU; none where the system does not tell. */
export function hostFeatures(): ReadonlySet<string> {
  if (known !== undefined) return known;
  const target = maybeTargetOn(process.arch);
  let text = '';
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // No such file: nothing is known, so nothing is used.
  }
  const { platform, features } = target === undefined ? { platform: undefined, features: [] } : targetOf(target);
  const named = platform?.featuresIn(text) ?? [];
  known = new Set(features.filter((feature) => named.includes(feature)));
  return known;
}
