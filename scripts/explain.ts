// Follows the instructions of a function from wasm to machine code: what each level made of the one at a byte offset, and by which rule.

import type { Command } from 'commander';
import { type Level, type StageName, compile } from '../compiler/index.ts';
import { applyAllocation, defaultTarget, maybeInstructionName, prefixedStart, printAllocated, printFunction, printVcode, targetNames, type TargetName } from '../compiler/inside.ts';
import { newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';

interface ExplainOptions {
  readonly func: number;
  readonly at?: number;
  readonly target: TargetName;
  readonly opt: 'none' | 'speed';
  readonly bounds: 'guard' | 'explicit';
  readonly json?: true;
}

/** What one level holds for one wasm instruction. */
interface Section {
  readonly level: string;
  readonly lines: readonly string[];
}

export function command(): Command {
  return newVerb('explain')
    .argument('<file>', 'a module, binary (.wasm) or text (.wat)')
    .requiredOption('--func <index>', 'the function, by its index in the module', wholeNumber(0))
    .option('--at <offset>', 'only the instruction at this byte of the module (decimal or 0x…); all of them unless given', byteOffset)
    .option('--target <name>', `the processor: ${targetNames.join(', ')}`, defaultTarget)
    .option('--opt <level>', 'none or speed', 'speed')
    .option('--bounds <mode>', 'guard or explicit', 'guard')
    .action(async (file: string, options: ExplainOptions) => {
      await explain(file, options);
    });
}

function byteOffset(text: string): number {
  const offset = Number(text);
  if (!Number.isSafeInteger(offset) || offset < 0) throw new UsageError(`'${text}' is no byte offset`);
  return offset;
}

/** The origin that a line of a level's text ends with, or undefined. IR writes it in hexadecimal, vcode in decimal. */
function originOf(line: string): number | undefined {
  const origin = /@(0x[0-9a-f]+|\d+)$/.exec(line.trimEnd())?.[1];
  return origin === undefined ? undefined : Number(origin);
}

/** Lines of a level's text by the wasm instruction they stem from. */
function byOrigin(text: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const line of text.split('\n')) {
    const origin = originOf(line);
    if (origin === undefined) continue;
    const lines = found.get(origin);
    const shown = line.trim().replace(/ @\S+$/, '');
    if (lines === undefined) found.set(origin, [shown]);
    else lines.push(shown);
  }
  return found;
}

class Recorder {
  readonly levels = new Map<string, Map<number, string[]>>();
  /** Names of the lowering rules that made machine instructions, by origin. */
  readonly rules = new Map<number, Set<string>>();
  private lastIr: Level | undefined;

  inspect(stage: StageName, level: Level): void {
    switch (level.level) {
      case 'ir':
        if (stage === 'translate') this.levels.set('IR as translated', byOrigin(printFunction(level.f, { origins: true })));
        else this.lastIr = level;
        break;
      case 'vcode': {
        if (this.lastIr?.level === 'ir') this.levels.set('IR after the mid-end', byOrigin(printFunction(this.lastIr.f, { origins: true })));
        this.levels.set('machine code over virtual registers', byOrigin(printVcode(level.target, level.vcode, { origins: true })));
        const { vcode } = level;
        for (let inst = 0; inst < vcode.rules.length; inst++) {
          const rule = level.ruleNames[vcode.rules.at(inst)];
          if (rule === undefined) continue;
          const origin = vcode.origins.at(inst);
          this.rules.set(origin, (this.rules.get(origin) ?? new Set()).add(rule));
        }
        break;
      }
      case 'allocation':
        this.levels.set('with registers and slots', byOrigin(printAllocated(level.target, applyAllocation(level.vcode, level.stated, level.allocation), { origins: true })));
        break;
      case 'problem':
      case 'code':
        break;
    }
  }
}

async function explain(file: string, options: ExplainOptions): Promise<void> {
  const bytes = await readModuleFile(file);
  const recorder = new Recorder();
  let code: Extract<Level, { level: 'code' }> | undefined;
  const result = compile(bytes, {
    target: options.target,
    opt: options.opt,
    bounds: options.bounds,
    inspect: (stage, func, level) => {
      if (func !== options.func) return;
      if (level.level === 'code') code = level;
      recorder.inspect(stage, level);
    },
  });
  if (!result.ok) throw new UsageError(`${file}: ${result.fault.kind}: ${result.fault.message} at byte ${result.fault.offset}`);
  if (code === undefined) throw new UsageError(`${file}: function ${options.func} is imported or does not exist`);
  recorder.levels.set('machine code', machineLines(code, result.artifact.origins));
  const origins = [...new Set([...recorder.levels.values()].flatMap((level) => [...level.keys()]))].filter((origin) => origin >= 0).sort((a, b) => a - b);
  const wanted = options.at === undefined ? origins : origins.filter((origin) => origin === options.at);
  if (wanted.length === 0) throw new UsageError(`nothing in function ${options.func} stems from byte ${options.at}; there are: ${origins.map((origin) => `0x${origin.toString(16)}`).join(', ')}`);
  const explained = wanted.map((origin) => ({
    offset: origin,
    wasm: wasmName(bytes, origin),
    levels: [...recorder.levels].map(([level, lines]): Section => ({ level, lines: lines.get(origin) ?? [] })),
    rules: [...(recorder.rules.get(origin) ?? [])],
  }));
  if (options.json) printJson(explained);
  else for (const one of explained) print(sectionText(one.offset, one.wasm, one.levels, one.rules));
}

/** Machine instructions by the wasm instruction they stem from; `origins` are offsets in the module's code, in order. */
function machineLines(code: Extract<Level, { level: 'code' }>, origins: { readonly pc: Int32Array; readonly origin: Int32Array }): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const { start, codeEnd } = code.emitted;
  let at = 0;
  let origin = -1;
  for (const line of code.target.listCode(code.bytes, 0, codeEnd - start)) {
    while (at < origins.pc.length && (origins.pc[at] ?? 0) <= start + line.offset) origin = origins.origin[at++] ?? -1;
    const shown = `${line.offset.toString(16).padStart(4, '0')}  ${line.text}`;
    const lines = found.get(origin);
    if (lines === undefined) found.set(origin, [shown]);
    else lines.push(shown);
  }
  return found;
}

/** Name of the wasm instruction at a byte of the module; a function's head, where its stack check stems from, is none. */
function wasmName(bytes: Uint8Array, offset: number): string | undefined {
  const byte = bytes[offset] ?? 0;
  return maybeInstructionName(byte === 0xfc ? prefixedStart + (bytes[offset + 1] ?? 0) : byte);
}

function sectionText(offset: number, wasm: string | undefined, levels: readonly Section[], rules: readonly string[]): string {
  const lines = [`byte ${offset} (0x${offset.toString(16)})${wasm === undefined ? '' : `: ${wasm}`}`];
  for (const { level, lines: own } of levels) {
    lines.push(`  ${level}${own.length === 0 ? ': nothing' : ''}`, ...own.map((line) => `      ${line}`));
    if (level.startsWith('machine code over') && rules.length > 0) lines.push(`      by ${rules.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}
