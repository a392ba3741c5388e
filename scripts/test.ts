// Everything `npm test` checks: types, arrows, lint, and every test. Ends with one line that counts checks and tests alike.

import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode, newVerb, print, printJson, UsageError } from './frame.ts';
import type { CheckResult } from './checks/result.ts';

/** The parts in the order in which they run: those that fail fastest first. */
const parts = ['types', 'arrows', 'lint', 'tests'] as const;
type Part = (typeof parts)[number];

async function runPart(part: Part, filters: readonly string[], isQuiet: boolean): Promise<CheckResult> {
  switch (part) {
    case 'types':
      return (await import('./checks/types.ts')).checkTypes();
    case 'arrows':
      return (await import('./checks/arrows.ts')).checkArrows();
    case 'lint':
      return (await import('./checks/lint.ts')).checkLint();
    case 'tests':
      return (await import('./checks/tests.ts')).runTests(filters, isQuiet);
    default: {
      const unknown: never = part;
      throw new Error(`unknown part ${String(unknown)}`);
    }
  }
}

/** The last line: the counts, with the skipped ones where there are any. */
export function totalLine(results: readonly CheckResult[]): string {
  const sum = (field: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[field], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

export function command(): Command {
  return newVerb('test')
    .argument('[filters...]', 'run only the tests whose path contains one of these, and no other part')
    .addOption(new Option('--only <parts...>', 'run only these parts').choices(parts))
    .addHelpText('after', '\nBLESS=1 rewrites the expectations of filetests in place; it is refused where CI is set.')
    .action(async (filters: string[], options: { only?: Part[]; json?: true }) => {
      if (process.env['BLESS'] !== undefined && process.env['CI'] !== undefined) throw new UsageError('BLESS rewrites expectations, which CI must not do');
      const wanted = options.only ?? (filters.length > 0 ? ['tests'] : parts);
      const say = (text: string): void => {
        if (options.json) process.stderr.write(`${text}\n`);
        else print(text);
      };
      const results: (CheckResult & { seconds: number })[] = [];
      for (const part of parts.filter((name) => wanted.includes(name))) {
        const began = performance.now();
        const result = await runPart(part, filters, options.json === true);
        const seconds = Math.round((performance.now() - began) / 100) / 10;
        results.push({ ...result, seconds });
        for (const line of result.details) say(`  ${line}`);
        say(`${result.failed === 0 ? 'ok    ' : 'FAILED'}  ${part.padEnd(6)}  ${totalLine([result])} (${result.scope}; ${seconds} s)`);
      }
      say(totalLine(results));
      if (options.json) printJson({ ok: results.every((result) => result.failed === 0), parts: results });
      if (results.some((result) => result.failed > 0)) process.exitCode = exitCode.finding;
    });
}
