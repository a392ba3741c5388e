// The first differing level as text: what the guilty change did to it, or, where no single change can be taken back, the function it sits in.

import { compile, type CompileOptions } from '../../compiler/index.ts';
import { applyAllocation, CountingControl, type Fault, type Level, printAllocated, printFunction, printVcode, type StageName, defaultTarget } from '../../compiler/inside.ts';
import type { Location } from '../oracles/levels.ts';
import { compileOptionsOf } from './backend.ts';
import { featureKinds, featuresOf, loweringRulesOf } from './features.ts';

/** Longer dumps are cut: the module itself is beside them. */
const mostLines = 400;
const contextLines = 3;

/** A level's text; of code, the disassembly. */
function textOf(level: Level): string {
  switch (level.level) {
    case 'ir': return printFunction(level.f, { origins: true });
    case 'vcode':
    case 'problem': return printVcode(level.target, level.vcode, { origins: true });
    case 'allocation': return printAllocated(level.target, applyAllocation(level.vcode, level.stated, level.allocation), { origins: true });
    case 'code': return level.target.listCode(level.bytes, 0, level.emitted.codeEnd - level.emitted.start).map(({ offset, text }) => `${offset.toString(16).padStart(4)}  ${text}`).join('\n');
  }
}

/** Text of each function after a stage. What the compiler throws ends the dump there. */
function textsAfter(bytes: Uint8Array, stage: StageName, options: CompileOptions): Map<number, string> {
  const texts = new Map<number, string>();
  try {
    compile(bytes, { ...options, inspect: (reached, func, level) => void (reached === stage && texts.set(func, textOf(level))) });
  } catch {
    // The functions before it are there.
  }
  return texts;
}

/** Lines of `after` against those of `before`: `-` gone, `+` come, with some context. */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  // Longest common subsequence of what lies between; `length[i * w + j]` of the suffixes from i and j on.
  const w = b.length + 1;
  const length = new Uint32Array((a.length + 1) * w);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) length[i * w + j] = a[i] === b[j] ? (length[(i + 1) * w + j + 1] ?? 0) + 1 : Math.max(length[(i + 1) * w + j] ?? 0, length[i * w + j + 1] ?? 0);
  }
  const lines = before.slice(Math.max(0, start - contextLines), start).map((line) => `  ${line}`);
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i++] ?? ''}`);
      j++;
    } else if (j >= b.length || (i < a.length && (length[(i + 1) * w + j] ?? 0) >= (length[i * w + j + 1] ?? 0))) lines.push(`- ${a[i++] ?? ''}`);
    else lines.push(`+ ${b[j++] ?? ''}`);
  }
  return [...lines, ...before.slice(before.length - end, before.length - end + contextLines).map((line) => `  ${line}`)];
}

/** Largest product of lines that are compared line by line. */
const mostCells = 4_000_000;

/** What the guilty change did to the first function it changed. */
function changeDump(bytes: Uint8Array, stage: StageName, options: CompileOptions, limits: ((what: string) => boolean) | undefined, good: number): string[] | undefined {
  const withFuel = (fuel: number): Map<number, string> => textsAfter(bytes, stage, { ...options, control: new CountingControl({ fuel, ...(limits === undefined ? {} : { limits }) }) });
  const [before, after] = [withFuel(good), withFuel(good + 1)];
  for (const [func, text] of after) {
    const old = before.get(func);
    if (old === undefined || old === text) continue;
    const [a, b] = [old.split('\n'), text.split('\n')];
    if (a.length * b.length > mostCells) return undefined;
    return [`function ${func} after ${stage}: - without the guilty change, + with it`, '', ...lineDiff(a, b)];
  }
  return undefined;
}

const isStage = (level: Location['level']): level is StageName => level !== 'validate' && level !== 'runtime';

/** A dump for a finding's report; undefined where the level is none that has a text. */
export function levelDump(bytes: Uint8Array, location: Location, faults: readonly Fault[]): string | undefined {
  const { level, rule, fuel, engine } = location;
  if (!isStage(level)) return undefined;
  const options: CompileOptions = { ...(engine === undefined ? {} : compileOptionsOf(engine)), faults, check: false };
  const lowering = loweringRulesOf(options.target ?? defaultTarget);
  const change = fuel === undefined ? undefined : changeDump(bytes, level, options, level === 'select' ? (what) => lowering.has(what) : undefined, fuel.good);
  const lines = change ?? functionDump(bytes, level, rule, options);
  if (lines === undefined) return undefined;
  return `${[...lines.slice(0, mostLines), ...(lines.length > mostLines ? [`… ${lines.length - mostLines} more lines`] : [])].join('\n')}\n`;
}

/** The shortest function in which the guilty part takes part, as the stage leaves it, and beneath it the level after it. */
function functionDump(bytes: Uint8Array, level: StageName, rule: string | undefined, options: CompileOptions): string[] | undefined {
  const features = featuresOf(bytes, options);
  const stages: readonly StageName[] = level === 'select' || level === 'emit' || level === 'allocate' ? ['select', 'allocate', 'emit'] : [level];
  const texts = stages.map((stage) => textsAfter(bytes, stage, options));
  const takesPart = (func: number): boolean => rule === undefined || features === undefined || Object.values(featureKinds).some((kind) => features.get(func)?.has(kind + rule) === true);
  const candidates = [...(texts[0] ?? new Map<number, string>())].sort(([, a], [, b]) => a.length - b.length);
  const [func] = candidates.find(([index]) => takesPart(index)) ?? candidates[0] ?? [];
  if (func === undefined) return undefined;
  return stages.flatMap((stage, index) => {
    const text = texts[index]?.get(func);
    return text === undefined ? [] : [`function ${func} after ${stage}`, '', ...text.trimEnd().split('\n'), ''];
  });
}
