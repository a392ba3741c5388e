// The oracles of compilation by name.

import { determinism } from './determinism.ts';
import { emitted } from './emitted.ts';
import type { CompilationOracle } from './oracle.ts';

export const compilationOracles: readonly CompilationOracle[] = [determinism, emitted];
