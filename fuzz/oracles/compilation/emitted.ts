// Emitted code, decoded again, says what was allocated: on a share of all modules, not only on those over which engines disagree.

import type { Fault } from '../../../compiler/inside.ts';
import { emissionFault } from '../emission.ts';
import { configurationAt } from './configurations.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict {
  const { name, options } = configurationAt(turn);
  try {
    const fault = emissionFault(module, { ...options, faults });
    return fault === undefined ? { verdict: 'agree' } : { verdict: 'disagree', culprit: name, fingerprint: fault.name, detail: fault.text };
  } catch {
    return { verdict: 'incomparable', reason: 'the compiler threw' };
  }
}

export const emitted: CompilationOracle = { name: 'emission', summary: 'emitted code, decoded again, says what was allocated', every: 64, ask };
