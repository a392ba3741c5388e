// Faults that a comparison never sees, since there is nothing to compare: the compiler throws, kills its process, or never returns, or its code never does.
// What they test is the campaign's supervisor: the module in flight must become a finding, and the campaign must go on.

import type { TransformerFault } from '../../compiler/inside.ts';

/** Only some modules are fatal, so that there is a campaign to go on with: those with a function of many values. */
const fatalValues = 400;
/** The same for its code. */
const fatalBytes = 1000;

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

/** The code of large functions begins with an endless loop. In this process nothing ends it but the end of the process. */
const codeLoops: TransformerFault = {
  kind: 'transformer',
  name: 'code-loops',
  stage: 'emit',
  transform: (level) => {
    if (level.level !== 'code' || level.bytes.length < fatalBytes) return level;
    const bytes = level.bytes.slice();
    bytes.set(level.target.assembleLines(level.target.specimens.endlessLoop, 0));
    return { ...level, bytes };
  },
};

/** All are planted by name only; they would end the tests of the other faults. */
export const deadlyFaults = [
  { name: 'compiler-throws', faults: [whenLarge('compiler-throws', (values) => {
    throw new Error(`planted: ${excuses[values % excuses.length] ?? ''}`);
  })] },
  { name: 'compiler-aborts', faults: [whenLarge('compiler-aborts', () => process.kill(process.pid, 'SIGKILL'))] },
  { name: 'compiler-hangs', faults: [whenLarge('compiler-hangs', () => {
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  })] },
  { name: 'code-loops', faults: [codeLoops] },
] as const;
