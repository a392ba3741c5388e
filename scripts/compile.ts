// Compiles a module and prints what came of it: figures, or any level of it as text. Writes object files.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { type Compilation, type CompileOptions, type Level, type StageName, compile, isIdentifier, Unsupported, writeHeader, writeRelocatable, writeShared } from '../compiler/index.ts';
import { applyAllocation, defaultTarget, printAllocated, printFunction, printProblem, printProof, printVcode, stageNames, type Target, targetNames, targetOf, type TargetName } from '../compiler/inside.ts';
import { newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';

const textForms = ['ir', 'vcode', 'allocated', 'asm', 'proof'] as const;
/** Files for linkers and loaders. */
const fileForms = ['obj', 'so'] as const;
const forms = [...textForms, ...fileForms] as const;
type Form = (typeof forms)[number];

interface CompileVerbOptions {
  readonly output?: string;
  readonly emit?: Form;
  readonly after?: string;
  readonly func?: number;
  readonly prefix: string;
  readonly header?: string;
  readonly target: TargetName;
  readonly opt: 'none' | 'speed';
  readonly regalloc: 'single-pass' | 'backtracking';
  readonly bounds: 'guard' | 'explicit';
  readonly features?: string;
  readonly spectre: boolean;
  readonly fuel?: true;
  readonly json?: true;
}

export function command(): Command {
  return newVerb('compile')
    .argument('<file>', 'a module, binary (.wasm) or text (.wat)')
    .option('-o, --output <file>', 'write there instead of to standard output; an object file needs it')
    .addOption(new Option('--emit <level>', 'print this level: the IR after the mid-end, vcode, vcode with its allocation, assembly, or the allocation proofs; or write a file: obj, a relocatable object, or so, a shared one').choices(forms))
    .option('--prefix <name>', 'what the global symbols of an object file begin with, so that several modules fit into one program', 'wasm')
    .option('--header <file>', 'write a C header for the object file too: makes instances and calls exports')
    .option('--after <stages>', `print what each of these stages leaves: ${stageNames.join(', ')}; separated by commas`)
    .option('--func <index>', 'only this function of the index space', wholeNumber(0))
    .addOption(new Option('--target <name>', 'the processor to compile for').choices(targetNames).default(defaultTarget))
    .addOption(new Option('--opt <level>', 'the mid-end').choices(['none', 'speed']).default('speed'))
    .addOption(new Option('--regalloc <name>', 'the register allocator').choices(['single-pass', 'backtracking']).default('single-pass'))
    .addOption(new Option('--bounds <mode>', 'who notices accesses outside a memory: guard pages or compares').choices(['guard', 'explicit']).default('guard'))
    .option('--features <names>', 'CPU features to use, separated by commas; all that the compiler knows unless given')
    .option('--no-spectre', 'do not mask explicitly checked addresses')
    .option('--fuel', 'let the code count the instructions it executes, and stop when its store has no fuel left')
    .action(async (file: string, options: CompileVerbOptions) => {
      await compileFile(file, options);
    });
}

/** What `--emit` and `--after` ask for of one function, as text. */
class Dump {
  readonly lines: string[] = [];
  private readonly options: CompileVerbOptions;
  private readonly after: ReadonlySet<string>;
  private ir: string | undefined;
  constructor(options: CompileVerbOptions) {
    this.options = options;
    this.after = new Set(options.after?.split(',') ?? []);
    for (const stage of this.after) if (!(stageNames as readonly string[]).includes(stage)) throw new UsageError(`no stage is called '${stage}'; there are: ${stageNames.join(', ')}`);
  }

  inspect(stage: StageName, func: number, level: Level): void {
    const { emit, func: only } = this.options;
    if (only !== undefined && only !== func) return;
    if (this.after.has(stage)) this.lines.push(`; function ${func} after ${stage}`, textOf(level), '');
    // The last IR before selection is what `--emit ir` means; which stage leaves it depends on the options.
    if (level.level === 'ir') this.ir = textOf(level);
    if (emit === 'ir' && level.level === 'vcode') this.lines.push(this.ir ?? '', '');
    if (emit === 'vcode' && level.level === 'vcode') this.lines.push(textOf(level), '');
    if (emit === 'allocated' && level.level === 'allocation') this.lines.push(textOf(level), '');
    if (emit === 'asm' && level.level === 'code') this.lines.push(textOf(level), '');
  }
}

const comment = ';';

/** A level of one function as text that parses back. */
export function textOf(level: Level): string {
  switch (level.level) {
    case 'ir':
      return printFunction(level.f, { origins: true });
    case 'vcode':
      return printVcode(level.target, level.vcode, { origins: true });
    case 'problem':
      return printProblem(level.stated.problem, undefined, `f${level.vcode.index}`);
    case 'allocation':
      return printAllocated(level.target, applyAllocation(level.vcode, level.stated, level.allocation), { origins: true });
    case 'code': {
      const lines = level.target.listCode(level.bytes, 0, level.bytes.length);
      return [`function ${level.emitted.index}:`, ...lines.map(({ offset, length, text }) => `    ${text.padEnd(48)} ${comment} ${offset.toString(16).padStart(4, '0')}  ${hex(level.bytes, offset, length)}`)].join('\n');
    }
  }
}

const hex = (bytes: Uint8Array, offset: number, length: number): string => Buffer.from(bytes.subarray(offset, offset + length)).toString('hex');

/** The bytes of a function from the lines that `textOf` made of it. */
export function assembleText(target: Pick<Target, 'assembleLines'>, text: string): Uint8Array {
  const lines = text.split('\n').filter((line) => line.startsWith('    ')).map((line) => (line.split(` ${comment} `)[0] ?? '').trim());
  return target.assembleLines(lines, 0);
}

async function compileFile(file: string, options: CompileVerbOptions): Promise<void> {
  const bytes = await readModuleFile(file);
  const dump = new Dump(options);
  const fileForm = fileForms.find((form) => form === options.emit);
  if (fileForm !== undefined && options.output === undefined) throw new UsageError(`--emit ${fileForm} writes a file: name it with --output`);
  if (!isIdentifier(options.prefix)) throw new UsageError(`--prefix '${options.prefix}' is no beginning of a C identifier: a letter, then letters, digits and underscores`);
  if (options.header !== undefined && fileForm === undefined) throw new UsageError('--header belongs to an object file: say --emit obj or --emit so');
  const wantsText = (options.emit !== undefined && fileForm === undefined) || options.after !== undefined;
  const given: CompileOptions = {
    target: options.target,
    opt: options.opt,
    regalloc: options.regalloc,
    bounds: options.bounds,
    spectre: options.spectre,
    fuel: options.fuel === true,
    ...(options.features === undefined ? {} : { features: featuresOf(options.target, options.features) }),
    check: true,
    clock: () => performance.now(),
    ...(wantsText ? { inspect: (stage, func, level) => dump.inspect(stage, func, level) } : {}),
  };
  const start = performance.now();
  const result = compile(bytes, given);
  const ms = performance.now() - start;
  if (!result.ok) throw new UsageError(`${file}: ${result.fault.kind}: ${result.fault.message} at byte ${result.fault.offset}`);
  if (options.emit === 'proof') {
    for (const { index, proof } of result.proofs) if (options.func === undefined || options.func === index) dump.lines.push(printProof(index, proof));
  }
  const text = `${dump.lines.join('\n').trimEnd()}\n`;
  if (wantsText && fileForm === undefined && options.output !== undefined) writeFileSync(options.output, text);
  else if (wantsText && !options.json) print(text);
  if (fileForm !== undefined && options.output !== undefined) {
    writeFileSync(options.output, fileForm === 'obj' ? writeRelocatable(result.artifact, options.prefix) : writeShared(result.artifact, basename(options.output), options.prefix));
    if (options.header !== undefined) writeFileSync(options.header, headerOf(file, result.artifact, options.prefix));
  }
  const summary = summaryOf(options, bytes.length, result, ms);
  if (options.json) printJson(summary);
  else if (!wantsText) print(table(summary, result));
}

function headerOf(file: string, artifact: Compilation['artifact'], prefix: string): string {
  try {
    return writeHeader(artifact, prefix);
  } catch (error) {
    throw error instanceof Unsupported ? new UsageError(`${file}: ${error.message}; lay its vmctx out by compiler/contract/vmctx.ts`) : error;
  }
}

function featuresOf(target: TargetName, text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  const known = targetOf(target).features;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`${target} has no feature ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  return names;
}

interface Summary {
  readonly target: string;
  readonly wasm_bytes: number;
  readonly code_bytes: number;
  readonly functions: number;
  readonly ms: number;
  readonly proofs: { readonly checked: number; readonly failed: number };
  readonly stage_ms: Readonly<Record<string, number>>;
}

function summaryOf(options: CompileVerbOptions, wasmBytes: number, result: Compilation, ms: number): Summary {
  return {
    target: options.target,
    wasm_bytes: wasmBytes,
    code_bytes: result.artifact.code.length,
    functions: result.artifact.functions.length,
    ms,
    // A refuted allocation does not get this far: the compiler throws it as a bug.
    proofs: { checked: result.proofs.length, failed: 0 },
    stage_ms: Object.fromEntries(result.stageMs),
  };
}

function table(summary: Summary, result: Compilation): string {
  const stages = [...result.stageMs].map(([stage, ms]) => `  ${stage.padEnd(24)}${ms.toFixed(1).padStart(9)} ms`);
  return [
    `${summary.target}: ${summary.functions} functions, ${summary.wasm_bytes} bytes of wasm to ${summary.code_bytes} bytes of code in ${summary.ms.toFixed(0)} ms`,
    `allocation proofs: ${summary.proofs.checked} checked, ${summary.proofs.failed} failed`,
    ...stages,
  ].join('\n');
}
