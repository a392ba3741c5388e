// The oracles of compilation by name.

import { accesses } from './accesses.ts';
import { determinism } from './determinism.ts';
import { emitted } from './emitted.ts';
import { fuelParity } from './fuel-parity.ts';
import { machineAccesses } from './machine-accesses.ts';
import { passes } from './passes.ts';
import type { CompilationOracle } from './oracle.ts';

export const compilationOracles: readonly CompilationOracle[] = [determinism, emitted, accesses, machineAccesses, fuelParity, passes];
