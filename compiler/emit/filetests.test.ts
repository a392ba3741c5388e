// Runs the filetests of the back half: compiler/filetests/lower/TARGET, emit/TARGET and encode/TARGET. A file begins with
//   test lower | emit | encode
//   target NAME
//   features NAME …          CPU features to use; none unless said
// lower:  IR functions, each followed by its vcode as comment lines. Selection stops before allocation.
// emit:   IR functions, each followed by its instructions and trap table.
// encode: one instruction a line, its bytes behind `;`.
// Whatever is printed is also verified, parsed back, and its allocation proved. BLESS=1 rewrites expectations, except under CI.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CountingControl } from '../base/control.ts';
import { trapNameOf } from '../contract/traps.ts';
import { parseFunction, printFaults, targetNames, targetOf, verifyFunction } from '../inside.ts';
import { parseVcode } from '../machine/parse.ts';
import { printAllocated, printVcode } from '../machine/print.ts';
import { applyAllocation, toProblem } from '../machine/problem.ts';
import { select } from '../machine/select.ts';
import type { Target } from '../machine/target.ts';
import type { Vcode } from '../machine/vcode.ts';
import { expectVerifiedVcode } from '../machine/verify.ts';
import { allocate } from '../regalloc/allocate.ts';
import { checkAllocation } from '../regalloc/checker.ts';
import { describeFault } from '../regalloc/proof.ts';
import { ModuleAssembler } from './module.ts';

const root = join(import.meta.dirname, '../filetests');
const bless = process.env['BLESS'] === '1' && process.env['CI'] === undefined;

interface Head {
  readonly kind: string;
  readonly target: Target;
  readonly features: ReadonlySet<string>;
  readonly bytes: number;
}

function headOf(text: string): Head {
  const match = /^test (\S+)\ntarget (\S+)\n(?:features (.*)\n)?/.exec(text);
  const name = targetNames.find((known) => known === match?.[2]);
  if (match === null || name === undefined) throw new Error('a filetest begins with `test KIND` and `target NAME`');
  return { kind: match[1] ?? '', target: targetOf(name), features: new Set(match[3]?.split(' ') ?? []), bytes: match[0].length };
}

function lower(text: string, { target, features }: Head): Vcode {
  const f = parseFunction(text);
  expect(printFaults(verifyFunction(f))).toBe('');
  const v = select(f, target.lowering, features, new CountingControl());
  expectVerifiedVcode(v, target.instructions, { features });
  const printed = printVcode(target, v);
  expect(printVcode(target, parseVcode(target, printed).vcode)).toBe(printed);
  return v;
}

function emit(text: string, head: Head): string {
  const { target } = head;
  const v = lower(text, head);
  const stated = toProblem(v, target.instructions, target.registers);
  const allocation = allocate(stated.problem, { algorithm: 'single-pass' });
  const verdict = checkAllocation(stated.problem, allocation);
  expect(verdict.kind === 'faults' ? verdict.faults.map(describeFault) : []).toEqual([]);
  const code = applyAllocation(v, stated, allocation);
  const printed = printAllocated(target, code);
  const again = parseVcode(target, printed).allocated;
  expect(again === undefined ? '' : printAllocated(target, again)).toBe(printed);
  const assembler = new ModuleAssembler(target);
  const emitted = assembler.add(code);
  const bytes = assembler.bytesOf(emitted);
  const lines = target.listCode(bytes, 0, emitted.codeEnd - emitted.start).map((line) => `${line.offset.toString(16).padStart(4)}  ${line.text}`);
  if (emitted.end > emitted.codeEnd) lines.push(`data ${hexOf(bytes.subarray(emitted.codeEnd - emitted.start))}`);
  assembler.traps().forEach((trap) => lines.push(`trap at ${trap.pc.toString(16)}: ${trapNameOf(trap.code)}`));
  lines.push(`frame ${emitted.frameBytes}`);
  return `${lines.join('\n')}\n`;
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
const comment = (text: string): string => text.replace(/^(.*)\n/gm, (_, line: string) => (line === '' ? ';\n' : `; ${line}\n`));

const files = ['lower', 'emit'].flatMap((kind) =>
  targetNames.flatMap((target) => {
    const folder = join(root, kind, target);
    return listed(folder, '.ir').map((file) => [`${kind}/${target}/${file}`, join(folder, file)] as const);
  }),
);

function listed(folder: string, ending: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ending)).toSorted();
}

interface Case {
  readonly name: string;
  readonly source: string;
  /** Where the expectation begins, in characters of the file. */
  readonly at: number;
  readonly expected: string;
}

function casesOf(text: string): Case[] {
  return Array.from(text.matchAll(/^function (\w+)[^]*?^}\n/gm), (match) => {
    const [source, name = ''] = match;
    const at = match.index + source.length;
    return { name, source, at, expected: /^(?:;.*\n)*/.exec(text.slice(at))?.[0] ?? '' };
  });
}

const outputOf = (head: Head, { name, source }: Case): string =>
  comment(head.kind === 'lower' ? printVcode(head.target, lower(source, head), { name, origins: false }) : emit(source, head));

function blessed(text: string, head: Head): string {
  let result = '';
  let end = 0;
  for (const one of casesOf(text)) {
    result += text.slice(end, one.at) + outputOf(head, one);
    end = one.at + one.expected.length;
  }
  return result + text.slice(end);
}

if (bless) for (const [, path] of files) writeFileSync(path, blessed(readFileSync(path, 'utf8'), headOf(readFileSync(path, 'utf8'))));

describe.each(files)('%s', (_, path) => {
  const text = readFileSync(path, 'utf8');
  const head = headOf(text);
  test.each(casesOf(text).map((one) => [one.name, one] as const))('%s', (_name, one) => expect(outputOf(head, one)).toBe(one.expected));
});

const encodings = targetNames.flatMap((target) => {
  const folder = join(root, 'encode', target);
  return listed(folder, '.asm').map((file) => [`encode/${target}/${file}`, join(folder, file)] as const);
});

/** The text with the bytes of each line behind it. */
function encoded(text: string): string {
  const head = headOf(text);
  const lines = text.slice(head.bytes).replace(/^([^;\n]+?)[ \t]*(?:;.*)?$/gm, (_line, asm: string) => {
    const bytes = hexOf(head.target.assembleLines([asm], 0));
    return `${asm.padEnd(44)}; ${bytes}`;
  });
  return text.slice(0, head.bytes) + lines;
}

if (bless) for (const [, path] of encodings) writeFileSync(path, encoded(readFileSync(path, 'utf8')));

describe.each(encodings)('%s', (_, path) => {
  const text = readFileSync(path, 'utf8');
  const head = headOf(text);
  test('encodes', () => expect(encoded(text)).toBe(text));
  test('decodes', () => {
    for (const match of text.slice(head.bytes).matchAll(/^([^;\n]+?) *; *([0-9a-f ]+)$/gm)) {
      const bytes = Uint8Array.from((match[2] ?? '').split(' '), (hex) => Number.parseInt(hex, 16));
      const lines = head.target.listCode(bytes, 0, bytes.length).map((line) => line.text);
      expect(Array.from(head.target.assembleLines(lines, 0))).toEqual(Array.from(bytes));
      expect(lines).toHaveLength(1);
    }
  });
});
