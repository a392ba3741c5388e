// Functions about one rule: the left side of a simplification or lowering rule of any target, given types, constants and operands, with its value used in one of several ways.

import { instantiatePattern, printFunction, simplificationRules, targetNames, targetOf, type TargetName } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';
import { drawIrFunction } from './ir-function.ts';

interface RuleSource {
  readonly rule: string;
  readonly make: (c: Choices) => ReturnType<typeof instantiatePattern>;
}

function sourcesOf(name: TargetName): RuleSource[] {
  const { lowering } = targetOf(name);
  const of = (rules: readonly { readonly name: string; readonly term: Parameters<typeof instantiatePattern>[0] }[], role: { readonly isCondition?: boolean; readonly isAddress?: boolean }): RuleSource[] =>
    rules.map(({ name: rule, term }) => ({ rule: `${name} ${rule}`, make: (c) => instantiatePattern(term, (n) => c.draw(n), role) }));
  return [...of(lowering.operations.rules, {}), ...of(lowering.constants.rules, {}), ...of(lowering.addresses.rules, { isAddress: true }), ...of(lowering.conditions.rules, { isCondition: true })];
}

const sources: readonly RuleSource[] = [
  ...simplificationRules.map(({ name, term }): RuleSource => ({ rule: name, make: (c) => instantiatePattern(term, (n) => c.draw(n)) })),
  ...targetNames.flatMap(sourcesOf),
];

/** Names of all rules, those of lowering behind their target's. */
export const allRules: readonly string[] = sources.map(({ rule }) => rule);

export interface RuleFunction {
  /** The rule that stands in it, behind its target's name; undefined when these choices gave the pattern no instance, and a plain function stands here instead. */
  readonly rule: string | undefined;
  readonly use: string;
  readonly usesMemory: boolean;
  readonly text: string;
  /** Bits that decide about arguments. */
  readonly salt: number;
}

export function drawRuleFunction(c: Choices): RuleFunction {
  const source = sources[c.draw(sources.length)];
  const instance = source === undefined ? undefined : c.section(() => source.make(c));
  const salt = c.draw(0x10000);
  if (source === undefined || instance === undefined) return { rule: undefined, use: '', usesMemory: true, text: printFunction(c.section(() => drawIrFunction(c))), salt };
  return { rule: source.rule, use: instance.use, usesMemory: instance.usesMemory, text: printFunction(instance.f), salt };
}
