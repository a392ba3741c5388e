// The IR means the same after every pass as before the first: it is evaluated as each stage leaves it, not only at both ends, so that a pass whose mistake a
// later one hides is found, and the first pass that differs is named at once.

import { type Fault, stageNames } from '../../../compiler/inside.ts';
import { compareBehaviours } from '../compare.ts';
import { evaluatedStages } from '../engines/compiled-engines.ts';
import { interpreterEngine } from '../engines/interpreter.ts';
import { observe, planFor } from '../observe.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

const stages = stageNames.slice(0, stageNames.indexOf('select'));
const rounds = 1;

function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict {
  const bounds = turn % 4 === 3 ? 'explicit' : 'guard';
  const plan = planFor(module, rounds);
  const reference = observe(interpreterEngine, module, plan);
  let compared = 0;
  for (const engine of evaluatedStages(stages, module, { bounds, faults })) {
    if (engine === 'refused') return { verdict: 'incomparable', reason: 'the compiler refuses the module' };
    if (engine === 'threw') return { verdict: 'incomparable', reason: 'the compiler threw' };
    const comparison = compareBehaviours(reference, observe(engine.engine, module, plan), plan);
    // The translation, against the interpreter, is the business of the engine `ir`.
    if (comparison.verdict === 'disagree' && engine.stage === stages[0]) return { verdict: 'incomparable', reason: 'the engines disagree' };
    if (comparison.verdict === 'disagree') return { verdict: 'disagree', culprit: bounds === 'guard' ? 'ir-opt' : 'ir-opt:explicit', level: engine.stage, fingerprint: comparison.kind, detail: `after ${engine.stage}: ${comparison.detail}` };
    if (comparison.verdict === 'agree') compared++;
  }
  return compared === 0 ? { verdict: 'incomparable', reason: 'nothing ran to its end' } : { verdict: 'agree' };
}

export const passes: CompilationOracle = { name: 'passes', summary: 'the IR means the same after every pass', every: 512, ask };
