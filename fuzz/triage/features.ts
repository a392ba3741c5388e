// What takes part in compiling each function of a module: the features by which suspicion is spread (suspicion.ts).
//
// `opcode` the wasm instruction · `rule` the lowering rule that fired · `row` the machine instruction · `frame` what the prologue and epilogue must see to.

import { compile, type CompileOptions } from '../../compiler/index.ts';
import {
  asInst, CountingControl, defaultTarget, instCount, instCountOf, maybeBlockOf, maybeInstructionName, originOf, prefixedStart, rowOfInst, targetOf, type TargetName,
} from '../../compiler/inside.ts';

/** Features by function index. */
export type Features = ReadonlyMap<number, ReadonlySet<string>>;

/** Name of the wasm instruction at a byte of the module; undefined where none begins. */
export function instructionNameAt(bytes: Uint8Array, offset: number): string | undefined {
  const byte = bytes[offset] ?? 0;
  return maybeInstructionName(byte === 0xfc ? prefixedStart + (bytes[offset + 1] ?? 0) : byte);
}

const loweringRules = new Map<TargetName, ReadonlySet<string>>();

/** Names of a target's lowering rules. */
export function loweringRulesOf(target: TargetName): ReadonlySet<string> {
  let names = loweringRules.get(target);
  if (names === undefined) loweringRules.set(target, (names = new Set(targetOf(target).ruleNames)));
  return names;
}

/** What the features' names begin with. */
export const featureKinds = { opcode: 'opcode ', rule: 'rule ', row: 'row ', frame: 'frame ' } as const;

/** Features of each function under these options; undefined when the module is not compiled to the end. */
export function featuresOf(bytes: Uint8Array, options: CompileOptions): Features | undefined {
  const rules = loweringRulesOf(options.target ?? defaultTarget);
  const control = new CountingControl();
  const features = new Map<number, Set<string>>();
  try {
    const result = compile(bytes, {
      ...options,
      control,
      inspect: (stage, func, level) => {
        const own = features.get(func) ?? new Set<string>();
        features.set(func, own);
        switch (level.level) {
          case 'ir':
            if (stage !== 'translate') return;
            for (let number = 0; number < instCount(level.f); number++) {
              const inst = asInst(number);
              const name = maybeBlockOf(level.f, inst) === undefined ? undefined : instructionNameAt(bytes, originOf(level.f, inst));
              if (name !== undefined) own.add(featureKinds.opcode + name);
            }
            return;
          case 'vcode':
            for (const rule of control.firings.keys()) if (rules.has(rule)) own.add(featureKinds.rule + rule);
            control.firings.clear();
            for (let inst = 0; inst < instCountOf(level.vcode); inst++) own.add(featureKinds.row + level.target.instructions.shape(rowOfInst(level.vcode, inst)).name);
            if (level.vcode.keepsVmctx) own.add(`${featureKinds.frame}keeps vmctx`);
            if (level.vcode.outgoingBytes > 0) own.add(`${featureKinds.frame}outgoing area`);
            return;
          case 'allocation':
            if (level.allocation.spillBytes > 0) own.add(`${featureKinds.frame}spill area`);
            return;
          case 'code':
            if (level.emitted.frameBytes >= 4096) own.add(`${featureKinds.frame}large`);
        }
      },
    });
    return result.ok ? features : undefined;
  } catch {
    // A crash is for the comparison of behaviours to show.
    return undefined;
  }
}

/** The features of all functions together. */
export function unionOf(features: Features): Set<string> {
  const all = new Set<string>();
  for (const own of features.values()) for (const feature of own) all.add(feature);
  return all;
}
