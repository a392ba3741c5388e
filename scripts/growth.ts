// Finds parts of the compiler whose work grows faster than what they are given: a table by shape and stage for people, everything with --json.

import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { defaultTarget, type TargetName, targetNames } from '../compiler/inside.ts';
import { type Growth, growthOf, measure } from '../fuzz/growth/growth.ts';
import { shapes } from '../fuzz/growth/shapes.ts';
import { exitCode, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';

interface GrowthOptions {
  readonly target: TargetName;
  readonly opt: 'none' | 'speed';
  readonly regalloc: 'single-pass' | 'backtracking';
  readonly bounds: 'guard' | 'explicit';
  readonly size?: number;
  readonly fault?: string;
  readonly write?: string;
  readonly all?: true;
  readonly json?: true;
}

export function command(): Command {
  return newVerb('growth')
    .argument('[shapes...]', `what grows (all unless named): ${shapes.map(({ name, summary }) => `${name} (${summary})`).join(', ')}`)
    .addOption(new Option('--target <name>', 'the processor to compile for').choices(targetNames).default(defaultTarget))
    .addOption(new Option('--opt <level>', 'the mid-end').choices(['none', 'speed']).default('speed'))
    .addOption(new Option('--regalloc <name>', 'the register allocator').choices(['single-pass', 'backtracking']).default('single-pass'))
    .addOption(new Option('--bounds <mode>', 'who notices accesses outside a memory: guard pages or compares').choices(['guard', 'explicit']).default('guard'))
    .option('--size <n>', "the smallest of the three sizes, which are n, 2n and 4n; each shape's own unless given", wholeNumber(4))
    .option('--fault <name>', 'plant a fault in the compiler, to see it found (see: fuzz/faults), such as quadratic-walk')
    .option('--write <file>', 'instead, write the module of one shape and --size there, for other engines and for bench')
    .option('--all', 'list every part, not only the whole and what grows fast')
    .action(async (names: readonly string[], options: GrowthOptions) => {
      if (options.write === undefined) await report(names, options);
      else writeShape(names, options.size, options.write);
    });
}

async function report(names: readonly string[], { target, opt, regalloc, bounds, size, fault, all, json }: GrowthOptions): Promise<void> {
  const known = shapes.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`no shape is called '${unknown}'; there are: ${known.join(', ')}`);
  if (fault !== undefined && (await import('../fuzz/faults/index.ts')).maybeFault(fault) === undefined) throw new UsageError(`no fault is called '${fault}'; fuzz/faults lists them`);
  const wanted = names.length === 0 ? known : names;
  const order = { shapes: wanted, options: { target, opt, regalloc, bounds }, ...(size === undefined ? {} : { size }), ...(fault === undefined ? {} : { fault }) };
  const measured = await measure(order, (one) => process.stderr.write(`${one.shape} at ${one.size}\n`));
  const growth = wanted.flatMap((name) => growthOf(measured.filter(({ shape }) => shape === name)));
  const beyond = growth.filter(({ isBeyond }) => isBeyond);
  if (json) printJson({ target, opt, regalloc, bounds, growth, beyond: beyond.length });
  else print(tableOf(growth.filter((one) => all === true || one.part === 'all' || one.isBeyond || one.reason !== undefined), beyond.length));
  if (beyond.length > 0) process.exitCode = exitCode.finding;
}

function writeShape(names: readonly string[], size: number | undefined, file: string): void {
  const shape = shapes.find(({ name }) => name === names[0]);
  if (shape === undefined || names.length !== 1) throw new UsageError(`--write wants one shape of: ${shapes.map(({ name }) => name).join(', ')}`);
  const bytes = shape.make(size ?? shape.size);
  writeFileSync(file, bytes);
  print(`${file}: ${bytes.length} bytes, ${shape.name} of size ${size ?? shape.size}`);
}

const count = (work: number): string => work.toLocaleString('en');

function tableOf(growth: readonly Growth[], beyond: number): string {
  const lines = [`${'shape'.padEnd(16)} ${'sizes'.padEnd(16)} ${'stage'.padEnd(22)} ${'work at 4n'.padStart(14)} exponent`];
  for (const { shape, sizes, stage, part, work, exponent, bound, isBeyond, reason, culprits = [] } of growth) {
    const verdict = isBeyond ? `, beyond ${bound}` : reason === undefined ? '' : `, known: ${reason}`;
    lines.push(`${shape.padEnd(16)} ${sizes.join(', ').padEnd(16)} ${stage.padEnd(22)} ${count(work.at(-1) ?? 0).padStart(14)} ${exponent.toFixed(2).padStart(8)}${verdict}${part === 'all' ? '' : ` (${part})`}`);
    for (const { name, work: own, exponent: its } of culprits) lines.push(`${' '.repeat(34)}${name}: ${count(own)}, exponent ${its.toFixed(2)}`);
  }
  lines.push(beyond === 0 ? 'nothing grows faster than its bound' : `${beyond} beyond their bounds`);
  return lines.join('\n');
}
