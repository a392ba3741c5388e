// The arrows between the rooms, as .dependency-cruiser.mjs states them, over every source and test.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import configuration from '../../.dependency-cruiser.mjs';
import { root } from '../frame.ts';
import { type CheckResult, wholeCheck } from './result.ts';

/** One forbidden arrow: the rule that forbids it, and the two files, relative to the folder looked at. */
export type Violation = { readonly rule: string; readonly from: string; readonly to: string };

/** Follows every import below the rooms of `folder`, which holds a house laid out like this one. Modules and dependencies are counts of what was seen. */
export async function findViolations(folder: string): Promise<{ modules: number; dependencies: number; violations: Violation[] }> {
  const rooms = ['compiler', 'interpreter', 'fuzz', 'scripts'].filter((room) => existsSync(join(folder, room)));
  const { forbidden, options } = configuration;
  const { output } = await cruise(rooms, { ...options, ...(forbidden === undefined ? {} : { ruleSet: { forbidden } }), validate: true, baseDir: folder }, options?.enhancedResolveOptions);
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output.slice(0, 200)}`);
  const { summary } = output;
  return {
    modules: summary.totalCruised,
    dependencies: summary.totalDependenciesCruised ?? 0,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

export async function checkArrows(): Promise<CheckResult> {
  const { modules, dependencies, violations } = await findViolations(root);
  return wholeCheck('arrows', violations.length === 0, `${modules} modules, ${dependencies} imports`, violations.map(({ rule, from, to }) => `${from} may not import ${to} (${rule})`));
}
