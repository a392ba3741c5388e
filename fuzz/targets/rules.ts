// Functions about one rule: the left side of each simplification and lowering rule in many forms, with the mid-end and without, on the evaluator, on a target up to
// proved code, and natively where the function needs nothing but its arguments.

import { type CompileOptions, CountingControl, defaultTarget, type Fault, isTargetName } from '../../compiler/inside.ts';
import { selfTestFault } from '../faults/index.ts';
import { allRules, drawRuleFunction, type RuleFunction } from '../generate/rule-function.ts';
import { evaluatedEngine, nativeEngine } from '../oracles/engines/compiled-engines.ts';
import type { Engine } from '../oracles/engine.ts';
import { checkRule } from '../oracles/rule-check.ts';
import { agreement, type Part, partTarget } from './target.ts';

const head = /^; rule (.*) use (.*) memory (yes|no) salt (\d+)\n/;

function nativeHere(options: CompileOptions): readonly Engine[] {
  const engines = [
    evaluatedEngine('ir', { ...options, opt: 'none' }), nativeEngine('none', defaultTarget, { ...options, opt: 'none', regalloc: 'single-pass' }), nativeEngine('speed', defaultTarget, { ...options, opt: 'speed', regalloc: 'backtracking' }),
  ];
  return engines.filter((engine) => engine.availability().available);
}

/** The part, with faults planted in the compiler. */
export function rulesPart(faults: readonly Fault[]): Part<RuleFunction> {
  const control = new CountingControl();
  return {
    file: 'repro.ir',
    build: drawRuleFunction,
    print: ({ rule, use, usesMemory, salt, text }) => new TextEncoder().encode(`; rule ${rule ?? 'none'} use ${use === '' ? 'none' : use} memory ${usesMemory ? 'yes' : 'no'} salt ${salt}\n${text}`),
    read: (content) => {
      const whole = new TextDecoder().decode(content);
      const [line, rule, use, memory, salt] = head.exec(whole) ?? [];
      if (line === undefined) throw new Error('expected "; rule NAME use WORDS memory yes|no salt N" in the first line');
      return { rule: rule === 'none' ? undefined : rule, use: use === 'none' ? '' : (use ?? ''), usesMemory: memory === 'yes', salt: Number(salt), text: whole.slice(line.length) };
    },
    judge: (given) => {
      const verdict = checkRule(given, { control, faults, native: nativeHere });
      if (verdict.kind === 'same') return agreement;
      if (verdict.kind === 'nothing') return { verdict: 'incomparable', reason: verdict.reason };
      return { verdict: 'disagree', kind: verdict.how, culprit: verdict.where, fingerprint: given.rule ?? '', detail: verdict.detail };
    },
    statistics: () => ({ fired: control.firings, rules: allFirings, proofs: { checked: 0, failed: 0 } }),
  };
}

/** Firings are counted by the rule's own name, whichever target it belongs to. */
const allFirings: readonly string[] = [...new Set(allRules.map((name) => isTargetName(name.split(' ', 1)[0] ?? '') ? name.slice(name.indexOf(' ') + 1) : name))];

export const rules = partTarget('rules', "left sides of the compiler's rules, before and after", (faults) => rulesPart(faults), () => rulesPart(selfTestFault.faults));
