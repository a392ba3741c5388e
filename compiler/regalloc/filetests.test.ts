// Runs compiler/filetests/regalloc/*.ra: problems in the text of print.ts, each followed by what must come out, as comment lines.
//   test regalloc single-pass    allocates; expects the allocated text and the proof
//   test regalloc check          the problem comes with an allocation; expects the proof or the faults
// BLESS=1 rewrites expectations, except that an allocation the checker refuses is never blessed, nor anything under CI.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TextScanner } from '../base/text-scanner.ts';
import { type AllocationAlgorithm, allocate, allocationAlgorithms } from './allocate.ts';
import { checkAllocation } from './checker.ts';
import { type ParsedProblem, parseProblem } from './parse.ts';
import { printProblem } from './print.ts';
import { type Verdict, describeFault } from './proof.ts';

const folder = join(import.meta.dirname, '../filetests/regalloc');
const bless = process.env['BLESS'] === '1' && process.env['CI'] === undefined;

function verdictText(verdict: Verdict): string {
  if (verdict.kind === 'faults') return verdict.faults.map((fault) => `${describeFault(fault)}\n`).join('');
  return `proof: ${verdict.operands} operands, ${verdict.moves} moves, ${verdict.edges} edges, flow ${verdict.fingerprint}\n`;
}

function outputOf(parsed: ParsedProblem, mode: string): string {
  if (mode === 'check') {
    if (parsed.allocation === undefined) throw new Error(`${parsed.name} has no allocation to check`);
    return verdictText(checkAllocation(parsed.problem, parsed.allocation));
  }
  const algorithm = allocationAlgorithms.find((known): known is AllocationAlgorithm => known === mode);
  if (algorithm === undefined) throw new Error(`no mode is called '${mode}'`);
  const allocation = allocate(parsed.problem, { algorithm });
  const verdict = checkAllocation(parsed.problem, allocation);
  expect(verdict.kind === 'faults' ? verdict.faults.map(describeFault) : []).toEqual([]);
  return printProblem(parsed.problem, allocation, parsed.name) + verdictText(verdict);
}

const comment = (text: string): string => text.replace(/^(.*)\n/gm, (_, line: string) => (line === '' ? ';\n' : `; ${line}\n`));

interface Case {
  readonly name: string;
  readonly expected: string;
  readonly output: () => string;
}

/** The cases of one file; under bless the file is rewritten first, and its cases hold by construction. */
function casesOf(path: string): Case[] {
  const text = readFileSync(path, 'utf8');
  const mode = /^test regalloc (\S+)\n/.exec(text)?.[1] ?? 'none';
  const scanner = new TextScanner(text);
  scanner.position = text.indexOf('\n') + 1;
  let rewritten = text.slice(0, scanner.position);
  const cases: Case[] = [];
  while (!scanner.atEnd()) {
    const start = scanner.position;
    const parsed = parseProblem(scanner);
    const afterBrace = text.indexOf('\n', scanner.position) + 1;
    const expected = /^(;.*\n)*/.exec(text.slice(afterBrace))?.[0] ?? '';
    const output = (): string => comment(outputOf(parsed, mode));
    if (bless) rewritten += `\n${text.slice(text.lastIndexOf('\n\n', start) + 2, afterBrace)}${output()}`;
    cases.push({ name: parsed.name, expected, output });
  }
  if (!bless) return cases;
  writeFileSync(path, rewritten);
  return cases.map((c) => ({ ...c, expected: c.output() }));
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.ra')))('%s', (file) => {
  test.each(casesOf(join(folder, file)))('$name', ({ expected, output }) => {
    expect(output()).toBe(expected);
  });
});
