// The linter over the whole house; its rules and their reasons are in .oxlintrc.json.

import { linesOf, runTool } from './program.ts';
import { type CheckResult, wholeCheck } from './result.ts';

export async function checkLint(): Promise<CheckResult> {
  const { exit, output } = await runTool('oxlint/bin/oxlint', ['--format=unix', '--deny-warnings']);
  const counted = /on (\d+) files with (\d+) rules/.exec(output);
  return wholeCheck('lint', exit === 0, counted === null ? 'oxlint' : `${counted[1]} files, ${counted[2]} rules`, linesOf(output));
}
