// A function before and after everything the compiler does to it: on the IR evaluator with and without the mid-end, on a target as far as code that is proved, and
// natively where it needs nothing but its arguments.
//
// Machine code is reached through a module with one function of the right type, in whose place the function is put after translation, by the seam for faults.
// A function that touches memory by itself cannot run there (its region is not at the real vmctx); it is compiled only.
// Where the IR leaves something undefined (a division without its check), there is nothing to compare, and native code may not run.

import {
  type AloneOutcome, type CompileOptions, type CountingControl, evaluateAlone, type Fault, type IrFunction, optimise, parseFunction, printFaults, printFunction, targetNames, targetOf, verifyFunction,
} from '../../compiler/inside.ts';
import { RandomSource } from '../generate/choices.ts';
import type { RuleFunction } from '../generate/rule-function.ts';
import { writeType } from '../generate/types.ts';
import { ByteWriter, moduleHeader, sectionIds, vectorSection } from '../generate/writer.ts';
import { argumentsFor } from './argument-sets.ts';
import { emissionFault } from './emission.ts';
import type { Engine } from './engine.ts';
import { readModuleInterface } from './module-interface.ts';
import { observe, type Plan, type PlannedCall } from './observe.ts';
import type { Value } from './value.ts';
import { vote } from './vote.ts';

export type RuleVerdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'differs'; readonly how: 'mid-end' | 'verify' | 'emission' | 'native'; readonly where: string; readonly detail: string };

export interface RuleCheck {
  /** Hears of every rule that fires. */
  readonly control: CountingControl;
  readonly faults: readonly Fault[];
  /** Engines of our compiler's code under these options; none where code does not run. */
  readonly native: (options: CompileOptions) => readonly Engine[];
}

const rounds = 4;
const fuel = 2000;
const memoryBytes = 4096;
const pattern = Uint8Array.from({ length: memoryBytes }, (_, i) => (i * 73 + 11) & 0xff);

const bitsOf = (value: Value): bigint => ('bits' in value ? BigInt.asUintN(value.type === 'i32' || value.type === 'f32' ? 32 : 64, BigInt(value.bits)) : 0n);

/** What a run gives; undefined where the IR leaves it undefined. */
function run(f: IrFunction, args: readonly Value[]): AloneOutcome | undefined {
  try {
    return evaluateAlone([f], args.map(bitsOf), { memory: pattern, fuel });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('undefined behaviour')) return undefined;
    throw error;
  }
}

/** The same bits, or two NaNs of which both are of the kind that an operation may make. */
function sameBits(type: string, a: bigint, b: bigint): boolean {
  if (a === b) return true;
  const [infinity, quiet, magnitude] = type === 'f32' ? [0x7f800000n, 0x400000n, 0x7fffffffn] : [0x7ff0000000000000n, 0x8000000000000n, 0x7fffffffffffffffn];
  if (!type.startsWith('f')) return false;
  return [a, b].every((bits) => (bits & magnitude) > infinity && (bits & quiet) !== 0n);
}

function difference(f: IrFunction, before: AloneOutcome, after: AloneOutcome | undefined): string | undefined {
  if (after === undefined) return 'undefined behaviour appears';
  if (before.trap !== after.trap || before.origin !== after.origin) return `trap ${before.trap} at ${before.origin} becomes ${after.trap} at ${after.origin}`;
  const wrong = before.results.findIndex((bits, i) => !sameBits(f.signature.results[i] ?? '', bits, after.results[i] ?? -1n));
  if (wrong >= 0) return `result ${wrong}: 0x${before.results[wrong]?.toString(16)} becomes 0x${after.results[wrong]?.toString(16)}`;
  const byte = before.memory.findIndex((value, at) => value !== after.memory[at]);
  return byte < 0 ? undefined : `memory at ${byte}: ${before.memory[byte]} becomes ${after.memory[byte]}`;
}

/** A module whose one function has the type of `f`; the salt makes its calls its own. */
function wrapperOf({ signature }: IrFunction, salt: number): Uint8Array {
  const out = new ByteWriter();
  moduleHeader(out);
  vectorSection(out, sectionIds.type, [signature], ({ params, results }, section) => {
    section.u8(0x60);
    for (const list of [params, results]) {
      section.u32(list.length);
      for (const type of list) writeType(section, type);
    }
  });
  vectorSection(out, sectionIds.function, [0], (type, section) => section.u32(type));
  vectorSection(out, sectionIds.export, ['f'], (name, section) => {
    section.name(name);
    section.u8(0);
    section.u32(0);
  });
  vectorSection(out, sectionIds.code, [[0x00, 0x00, 0x0b]], (body, section) => {
    section.u32(body.length);
    for (const byte of body) section.u8(byte);
  });
  // A custom section with the salt.
  const salted = [1, 's'.charCodeAt(0), salt & 0xff, (salt >> 8) & 0xff];
  out.u8(0);
  out.u32(salted.length);
  for (const byte of salted) out.u8(byte);
  return out.copy();
}

/** Judges a function; `text` must verify. */
export function checkRule({ rule, text, usesMemory, salt }: RuleFunction, { control, faults, native }: RuleCheck): RuleVerdict {
  const f = parseFunction(text);
  const faultsOfInput = verifyFunction(f);
  if (faultsOfInput.length > 0) return { kind: 'differs', how: 'verify', where: 'generator', detail: `${printFaults(faultsOfInput)}\n${text}` };
  const random = new RandomSource(salt);
  const argumentSets = Array.from({ length: rounds }, () => argumentsFor(f.signature.params, random));
  const before = argumentSets.map((args) => run(f, args));

  const optimised = parseFunction(text);
  optimise(optimised, control, faults);
  let compared = 0;
  for (const [i, outcome] of before.entries()) {
    if (outcome === undefined || outcome.trap === 'outOfFuel') continue;
    const after = run(optimised, argumentSets[i] ?? []);
    if (after?.trap === 'outOfFuel') continue;
    compared++;
    const detail = difference(f, outcome, after);
    if (detail !== undefined) return { kind: 'differs', how: 'mid-end', where: 'ir', detail: `${detail}\nwith (${(argumentSets[i] ?? []).map((value) => `0x${bitsOf(value).toString(16)}`).join(', ')})\n${text}\nbecame\n${printFunction(optimised)}` };
  }

  const wrapper = wrapperOf(f, salt);
  const planted: readonly Fault[] = [{ kind: 'transformer', name: 'the function under test', stage: 'translate', transform: () => ({ level: 'ir', f: parseFunction(text) }) }, ...faults];
  // A lowering rule is tried on its own target, any other on one of them.
  const target = targetNames.find((name) => rule?.startsWith(`${name} `)) ?? targetNames[salt % targetNames.length];
  if (target !== undefined) {
    for (const opt of ['none', 'speed'] as const) {
      const fault = emissionFault(wrapper, { target, opt, faults: planted, check: true, verify: 'between', control, features: (salt & 1) === 0 ? [] : targetOf(target).features });
      if (fault !== undefined) return { kind: 'differs', how: 'emission', where: `${target}:${opt}`, detail: `${fault.name}: ${fault.text}\n${text}` };
    }
  }

  const calls = before.flatMap((outcome, i): PlannedCall[] => (outcome === undefined || outcome.trap === 'outOfFuel' ? [] : [{ name: 'f', args: argumentSets[i] ?? [] }]));
  if (!usesMemory && calls.length > 0) {
    const plan: Plan = { shape: readModuleInterface(wrapper), calls, hasFuel: false };
    const ballots = native({ faults: planted, control }).map((engine) => ({ engine: engine.name, behaviour: observe(engine, wrapper, plan) }));
    if (ballots.length > 1) {
      const { verdict, odd, kind, detail } = vote(ballots, plan);
      const crashed = ballots.find(({ behaviour }) => behaviour.kind === 'crashed');
      if (crashed?.behaviour.kind === 'crashed') throw crashed.behaviour.error;
      // The evaluator is the reference: where it stands alone, code is wrong at every level.
      if (verdict === 'disagree') return { kind: 'differs', how: 'native', where: odd === undefined || odd === ballots[0]?.engine ? 'code' : odd, detail: `${kind ?? ''}: ${detail ?? ''}\n${text}` };
    }
  }
  return compared === 0 ? { kind: 'nothing', reason: 'undefined for all arguments' } : { kind: 'same' };
}
