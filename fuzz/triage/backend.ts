// What in a back end is to blame for a module whose IR is right and whose machine code is not.
//
// In this order, each with its evidence:
//   a stage threw          an allocation that the checker refuted, a rule that is missing
//   statement              operands, clobbers or widths that are not what the rows of the selected instructions say (oracles/statement.ts)
//   bytes                  emitted code that does not say what was allocated: the row, or the trap table (oracles/emission.ts)
//   trampolines            calls that cross between code and host go wrong by themselves, and the same calls within do not (trampolines.ts)
//   fuel                   without particular lowering rules it agrees: bisecting them names one
//   suspicion              over functions of one instruction each, then over whole modules: which rule, row or part of the frame takes part where it goes
//                          wrong and not where it goes right (neighbours.ts, suspicion.ts)
// What fuel names is held against the single instructions: a rule that never goes wrong there, where another always does, has only brought that one to light.

import type { AllocatorName, CompileOptions, StageName, TargetName } from '../../compiler/inside.ts';
import { targetOf } from '../../compiler/inside.ts';
import { emissionFault } from '../oracles/emission.ts';
import { maybeTargetOfEngine, optionsOfEngine } from '../oracles/engine-name.ts';
import { maybeCompileOptions, usableFeatures } from '../oracles/engines/compiled-engines.ts';
import { openEngine } from '../oracles/engines/index.ts';
import type { Location, Search } from '../oracles/levels.ts';
import { statementFault } from '../oracles/statement.ts';
import type { Behaviour } from '../oracles/observe.ts';
import { featureKinds, featuresOf, loweringRulesOf, unionOf } from './features.ts';
import { bisectFuel, type FuelAnswer } from './fuel.ts';
import { observeInstructions, observeModules, type Subject } from './neighbours.ts';
import { leaders, type Observation, rankSuspects, type Suspect, suspicionText } from './suspicion.ts';
import { trampolineFault } from './trampolines.ts';

/** How much more suspicious a row or the frame must be than any rule before it is named instead. */
const clearly = 0.05;
/** Below this a suspicion over whole modules names nobody. */
const leastScore = 0.5;

/** The target and options behind an engine's name. */
export function compileOptionsOf(engine: string): CompileOptions & { readonly target: TargetName } {
  const target = maybeTargetOfEngine(engine);
  if (target === undefined) throw new RangeError(`${engine} runs no machine code of ours`);
  return { features: usableFeatures(target), ...maybeCompileOptions(optionsOfEngine(engine), targetOf(target).features), target };
}

/** The same engine with the other allocator. */
function withOtherAllocator(engine: string): { readonly name: string; readonly own: AllocatorName; readonly other: AllocatorName } {
  const words = engine.split(':');
  const own = words.includes('backtracking') ? 'backtracking' : 'single-pass';
  const other = own === 'backtracking' ? 'single-pass' : 'backtracking';
  return { name: [...words.filter((word) => word !== 'single-pass' && word !== 'backtracking'), other].join(':'), own, other };
}

/** Locates the fault of machine code on `engine`, which behaved so; `crashed` is the stage that threw, if one did. */
export async function locateInBackend(search: Search, engine: string, behaviour: Behaviour, crashed: StageName | undefined): Promise<Location> {
  const { bytes, faults, step } = search;
  const options: CompileOptions & { readonly target: TargetName } = { ...compileOptionsOf(engine), faults };
  const { name: otherName, own, other } = withOtherAllocator(engine);
  // A wrong statement may also be what an allocation is refuted for.
  if (crashed === undefined || crashed === 'allocate') {
    const statement = statementFault(bytes, options);
    step('check', `the allocator is told what was selected: ${statement === undefined ? 'yes' : `no (${statement.text})`}`);
    if (statement !== undefined) return { level: 'state', rule: statement.name, evidence: statement.text };
  }
  if (crashed !== undefined) {
    const message = behaviour.kind === 'crashed' ? behaviour.error.message : undefined;
    step('check', `${crashed} fails: ${message ?? ''}`);
    return { level: crashed, rule: crashed === 'allocate' ? own : undefined, evidence: message };
  }
  const emission = emissionFault(bytes, options);
  step('check', `the code says what was allocated: ${emission === undefined ? 'yes' : `no (${emission.text})`}`);
  if (emission !== undefined) return { level: 'emit', rule: emission.name, evidence: emission.text };
  const reference = await openEngine('interp');
  const subjectEngine = await openEngine(engine, faults);
  const trampoline = await trampolineFault(reference, subjectEngine, bytes);
  step('check', `values cross between code and host as they are: ${trampoline === undefined ? 'yes' : `no (${trampoline})`}`);
  if (trampoline !== undefined) return { level: 'emit', rule: 'trampoline', evidence: trampoline };

  const isOtherRight = search.agreesWith(await openEngine(otherName, faults));
  step('check', `with the allocator ${other} instead of ${own}: ${isOtherRight ? 'agrees' : 'differs'}`);
  const lowering = loweringRulesOf(options.target);
  const bisection = await bisectFuel(
    bytes, options, (what) => lowering.has(what),
    (control) => openEngine(engine, faults, { control }), search.agreesWith, (text) => step('fuel', text),
  );
  const subject: Subject = { reference, engine: subjectEngine, options };
  const features = featuresOf(bytes, options);
  const alone = features === undefined ? [] : observeInstructions(subject, features);
  const wrongAlone = alone.filter(({ disagrees }) => disagrees);
  step('neighbours', `${alone.length} functions of one instruction each: ${wrongAlone.length} disagree`);
  const present = features === undefined ? new Set<string>() : unionOf(features);
  const rank = (observations: readonly Observation[]): Suspect[] => rankSuspects(observations).filter(({ feature }) => present.has(feature));

  if (bisection !== 'none') return byFuel(bisection, rank(alone));
  if (wrongAlone.length > 0) return bySuspicion(rank(alone), `confirmed by ${wrongAlone[0]?.what ?? ''}, which differs by itself`);
  const modules = observeModules(subject, bytes, search.near);
  step('neighbours', `${modules.length} whole modules: ${modules.filter(({ disagrees }) => disagrees).length} disagree`);
  return pressed(rank(modules), alone, isOtherRight ? `with the allocator ${other} it agrees; ` : '');
}

/**
 * Nothing goes wrong alone, and whole modules do. Where the suspect has been seen alone, going right, it takes pressure on registers: both allocations being
 * proved, what an instruction is declared to read, write and destroy is in doubt, which is what stating the problem goes by.
 */
function pressed(suspects: readonly Suspect[], alone: readonly Observation[], allocators: string): Location {
  const located = bySuspicion(suspects, 'not confirmed: no instruction differs by itself');
  const row = suspects.find(({ feature }) => feature.startsWith(featureKinds.row));
  const isRightAlone = located.rule !== undefined && alone.some(({ features }) => features.has(featureKinds.rule + located.rule));
  if (located.level !== 'select' || row === undefined || !isRightAlone) return { ...located, evidence: `${allocators}${located.evidence ?? ''}` };
  return {
    level: 'state', rule: row.feature.slice(featureKinds.row.length),
    evidence: `${allocators}${located.rule ?? ''} goes right by itself, the allocation is proved, and the code says what was allocated: what an instruction is declared to touch is in doubt; ${suspicionText(row)}`,
  };
}

/** `suspects` are over single instructions. */
function byFuel({ fuel, total, change }: FuelAnswer, suspects: readonly Suspect[]): Location {
  const bisected = `without particular lowering rules it agrees, with the first ${fuel} of ${total} too; the next, ${change}, makes it differ`;
  const found = { fuel: { good: fuel, total } };
  const rules = suspects.filter(({ feature }) => feature.startsWith(featureKinds.rule));
  const own = rules.find(({ feature }) => feature === featureKinds.rule + change);
  if (own !== undefined) return { level: 'select', rule: change, evidence: `${bisected}; confirmed by instructions alone: ${suspicionText(own)}`, ...found };
  const [first] = rules;
  if (first === undefined || first.passing > 0) return { level: 'select', rule: change, evidence: `${bisected}; no instruction differs by itself`, ...found };
  const rule = first.feature.slice(featureKinds.rule.length);
  return { level: 'select', rule, evidence: `${bisected}, but only brings to light what another does: ${suspicionText(first)}, each of one instruction`, ...found };
}

function bySuspicion(suspects: readonly Suspect[], confirmation: string): Location {
  const of = (kind: string): readonly Suspect[] => suspects.filter(({ feature }) => feature.startsWith(kind));
  const [rules, rows, frames] = [of(featureKinds.rule), of(featureKinds.row), of(featureKinds.frame)];
  const [rule, row, frame] = [rules[0], rows[0], frames[0]];
  const evidenceOf = (list: readonly Suspect[]): string => {
    const first = leaders(list);
    return [...first.slice(0, 3).map(suspicionText), ...(first.length > 3 ? [`and ${first.length - 3} others alike`] : []), confirmation].join('; ');
  };
  if (rule === undefined) return { level: 'select', rule: undefined, evidence: confirmation };
  if (frame !== undefined && frame.score > Math.max(rule.score, row?.score ?? 0) + clearly && frame.score >= leastScore) return { level: 'emit', rule: 'prologue', evidence: evidenceOf(frames) };
  // A row explains what no rule does alone: it takes part in everything that differs, under several rules.
  if (row !== undefined && row.score > rule.score + clearly && row.failing === row.allFailing && rule.failing < rule.allFailing) return { level: 'emit', rule: row.feature.slice(featureKinds.row.length), evidence: evidenceOf(rows) };
  return { level: 'select', rule: rule.score < leastScore ? undefined : rule.feature.slice(featureKinds.rule.length), evidence: evidenceOf(rules) };
}
