// All lowering rules of RISC-V, by what they are matched against.

import { op } from '../../../ir/opcodes.ts';
import type { Rule } from '../../../ir/pattern.ts';
import { RuleSet, type RuleSetOptions } from '../../../ir/rule-set.ts';
import { lowerEntry } from '../../../machine/abi.ts';
import type { Lowering, Selector } from '../../../machine/select.ts';
import { abiRows, callShape } from '../abi.ts';
import { rv, instructionSet } from '../instructions/table.ts';
import { addressRules } from './addresses.ts';
import { constantRules } from './constants.ts';
import { controlRules } from './control.ts';
import { convertRules } from './convert.ts';
import { floatRules } from './float.ts';
import { integerRules } from './integer.ts';
import { memoryRules } from './memory.ts';

const constants = new Set<number>([op.iconst, op.fconst, op.vmctx]);
const operationFloors: RuleSetOptions = { floors: (opcode) => !constants.has(opcode) };
const constantFloors: RuleSetOptions = { floors: (opcode) => constants.has(opcode) };

export const operationRules = [...integerRules, ...floatRules, ...convertRules, ...memoryRules, ...controlRules];

/** No instruction sets flags; conditions.ts makes comparisons part of the rules that use them. */
const conditionRules: readonly Rule<Selector, void>[] = [];

/** The rules by set, so that one can be replaced from outside before `makeLowering`. */
export const loweringRules = { constants: constantRules, addresses: addressRules, conditions: conditionRules, operations: operationRules };
export type LoweringRules = { readonly [Name in keyof typeof loweringRules]: (typeof loweringRules)[Name][number][] | readonly (typeof loweringRules)[Name][number][] };

export function makeLowering(rules: LoweringRules = loweringRules): Lowering {
  return {
    instructions: instructionSet,
    constants: new RuleSet(rules.constants, constantFloors),
    addresses: new RuleSet(rules.addresses),
    conditions: new RuleSet(rules.conditions),
    operations: new RuleSet(rules.operations, operationFloors),
    enter: (c, parameters) => lowerEntry(c, abiRows, callShape(c.f.signature), parameters),
    jump: (c, target) => c.emit(rv.j, target),
    narrowCopy: rv.mv32,
  };
}

/** Names of all rules. */
export const ruleNames: readonly string[] = Object.values(loweringRules).flatMap((rules) => rules.map((rule) => rule.name));

/** The lowering in which each of `replacements` stands in for the rule of its name. */
export function loweringWith(replacements: readonly Rule<Selector, void>[]): Lowering {
  const replaced = (rules: readonly Rule<Selector, void>[]): Rule<Selector, void>[] =>
    rules.map((rule) => replacements.find((replacement) => replacement.name === rule.name) ?? rule);
  return makeLowering({
    constants: replaced(loweringRules.constants),
    addresses: replaced(loweringRules.addresses),
    conditions: replaced(loweringRules.conditions),
    operations: replaced(loweringRules.operations),
  });
}
