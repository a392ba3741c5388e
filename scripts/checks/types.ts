// The type check of the whole house, tests and scripts included.

import { linesOf, runTool } from './program.ts';
import { type CheckResult, wholeCheck } from './result.ts';

export async function checkTypes(): Promise<CheckResult> {
  const { exit, output } = await runTool('@typescript/native/bin/tsc', ['--noEmit', '--pretty', 'false', '-p', '.']);
  return wholeCheck('types', exit === 0, 'TypeScript, strict', linesOf(output));
}
