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

describe.each(files)('%s', (_, path) => {
  const text = readFileSync(path, 'utf8');
  const head = headOf(text);
  let rewritten = text.slice(0, head.bytes);
  let end = head.bytes;
  for (const match of text.matchAll(/^function (\w+)[^]*?^}\n/gm)) {
    const [source, name = ''] = match;
    const expected = /^(?:;.*\n)*/.exec(text.slice(match.index + source.length))?.[0] ?? '';
    const output = (): string => comment(head.kind === 'lower' ? printVcode(head.target, lower(source, head), { name, origins: false }) : emit(source, head));
    if (bless) rewritten += text.slice(end, match.index) + source + output();
    else test(name, () => expect(output()).toBe(expected));
    end = match.index + source.length + expected.length;
  }
  if (!bless) return;
  writeFileSync(path, rewritten + text.slice(end));
  test('blessed', () => expect(rewritten).toContain('function'));
});

const encodings = targetNames.flatMap((target) => {
  const folder = join(root, 'encode', target);
  return listed(folder, '.asm').map((file) => [`encode/${target}/${file}`, join(folder, file)] as const);
});

describe.each(encodings)('%s', (_, path) => {
  const text = readFileSync(path, 'utf8');
  const head = headOf(text);
  const rewritten = text.slice(head.bytes).replace(/^([^;\n]+?)[ \t]*(?:;.*)?$/gm, (_line, asm: string) => {
    const bytes = hexOf(head.target.assembleLines([asm], 0));
    return `${asm.padEnd(44)}; ${bytes}`;
  });
  if (bless) writeFileSync(path, text.slice(0, head.bytes) + rewritten);
  else test('encodes', () => expect(rewritten).toBe(text.slice(head.bytes)));
  test('decodes', () => {
    for (const match of text.slice(head.bytes).matchAll(/^([^;\n]+?) *; *([0-9a-f ]+)$/gm)) {
      const bytes = Uint8Array.from((match[2] ?? '').split(' '), (hex) => Number.parseInt(hex, 16));
      const lines = head.target.listCode(bytes, 0, bytes.length).map((line) => line.text);
      expect(Array.from(head.target.assembleLines(lines, 0))).toEqual(Array.from(bytes));
      expect(lines.length, match[1]).toBe(1);
    }
  });
});
