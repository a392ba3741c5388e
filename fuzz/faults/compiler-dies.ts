// Faults that a comparison never sees, since there is nothing to compare: the compiler throws, kills its process, or never returns.
// What they test is the campaign's supervisor: the module in flight must become a finding, and the campaign must go on.

import type { TransformerFault } from '../../compiler/inside.ts';

/** Only some modules are fatal, so that there is a campaign to go on with: those with a function of many values. */
const fatalValues = 400;

function whenLarge(name: string, happen: (values: number) => void): TransformerFault {
  return {
    kind: 'transformer',
    name,
    stage: 'translate',
    transform: (level) => {
      if (level.level === 'ir' && level.f.index >= 0 && level.f.valueType.length > fatalValues) happen(level.f.valueType.length);
      return level;
    },
  };
}

/** Messages, so that there are several findings. */
const excuses = ['too hot', 'too cold', 'too late', 'too early', 'too far'];

/** All are planted by name only; they would end the tests of the other faults. */
export const deadlyFaults = [
  { name: 'compiler-throws', faults: [whenLarge('compiler-throws', (values) => {
    throw new Error(`planted: ${excuses[values % excuses.length] ?? ''}`);
  })] },
  { name: 'compiler-aborts', faults: [whenLarge('compiler-aborts', () => process.kill(process.pid, 'SIGKILL'))] },
  { name: 'compiler-hangs', faults: [whenLarge('compiler-hangs', () => {
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  })] },
] as const;
