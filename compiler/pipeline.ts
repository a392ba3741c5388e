// The compiler as a table of stages, and the one seam through which everything looks into a compilation, limits it, varies it or breaks it.
//
//   bytes → module        decode, validate     per module; malformed and invalid modules end here
//   body  → IR            translate            per function, like all that follows; faults of bodies end here
//   IR    → IR            the passes           with opt `speed`
//   IR    → vcode         select
//   vcode → problem       state                what is told the allocator: operands, clobbers, widths
//   problem → allocation  allocate             and the check of it, the proof
//   allocation → bytes    emit
//   bytes → artifact      assemble             per module
//
// Verification, dumps, timing, fuel, choices and fault injection happen here and nowhere else: the stages do not know of them.
// A fault replaces a rule, the folding of an opcode or parts of a target, or transforms what decoding or a stage leaves; it is registered from outside, so that no
// source of the compiler holds an "if buggy" branch. A `Bug` thrown by a stage gets the stage and function added here and goes on.

import { type Control, CountingControl } from './base/control.ts';
import { Bug, bug } from './base/errors.ts';
import type { AllocatorName, Artifact, BoundsMode, OptimisationLevel } from './contract/artifact.ts';
import { libcalls } from './contract/libcalls.ts';
import type { Platform } from './contract/platform.ts';
import type { EmittedFunction } from './emit/function.ts';
import { ModuleAssembler } from './emit/module.ts';
import type { IrFunction } from './ir/function.ts';
import { expectVerified } from './ir/verify.ts';
import { type EvaluateOne, evaluateOne } from './ir/evaluate.ts';
import { copyFunction } from './ir/copy-function.ts';
import { opcodeOf } from './ir/function.ts';
import type { Opcode } from './ir/opcodes.ts';
import { defaultTarget, isTargetName, type TargetName, targetOf } from './isa/index.ts';
import { type ProblemWithCells, applyAllocation, toProblem } from './machine/problem.ts';
import { type Lowering, type Selector, select } from './machine/select.ts';
import type { Target } from './machine/target.ts';
import type { Vcode } from './machine/vcode.ts';
import { expectVerifiedVcode } from './machine/verify.ts';
import type { Rule } from './ir/pattern.ts';
import { cleanBlocks } from './optimise/clean-blocks.ts';
import { eliminateDeadCode } from './optimise/eliminate-dead-code.ts';
import { Folder } from './optimise/fold-constants.ts';
import { hoistInvariants } from './optimise/hoist-invariants.ts';
import { numberValues } from './optimise/number-values.ts';
import { removeRedundantParameters } from './optimise/remove-redundant-parameters.ts';
import type { SimplificationRule } from './optimise/rewriter.ts';
import { simplificationRules } from './optimise/rules/index.ts';
import { type Simplifications, simplificationsOf, simplify } from './optimise/simplify.ts';
import { allocate } from './regalloc/allocate.ts';
import { checkAllocation } from './regalloc/checker.ts';
import type { Allocation, Problem } from './regalloc/problem.ts';
import { type Proof, describeFault } from './regalloc/proof.ts';
import type { FrontEnd } from './translate/front-end.ts';
import { type PreparedModule, prepareModule } from './translate/prepare.ts';
import { Translator } from './translate/translate.ts';
import { decodeModule } from './wasm/decode.ts';
import type { Module } from './wasm/module.ts';
import { validateModule } from './wasm/validate.ts';

export { type ModuleFault, moduleFaultOf, Unsupported } from './base/errors.ts';
export type { Artifact } from './contract/artifact.ts';
export type { Processor } from './contract/processor.ts';
export { validate } from './wasm/validate.ts';

interface PassEnvironment {
  readonly control: Control;
  readonly simplifications: Simplifications;
  readonly folder: Folder;
}

/** The mid-end in order. */
const passes = [
  { name: 'clean-blocks', run: (f: IrFunction, e: PassEnvironment) => cleanBlocks(f, e.control) },
  { name: 'remove-redundant-parameters', run: (f: IrFunction, e: PassEnvironment) => removeRedundantParameters(f, e.control) },
  { name: 'simplify', run: (f: IrFunction, e: PassEnvironment) => simplify(f, e.control, e.simplifications, e.folder) },
  { name: 'number-values', run: (f: IrFunction, e: PassEnvironment) => numberValues(f, e.control) },
  { name: 'simplify-again', run: (f: IrFunction, e: PassEnvironment) => simplify(f, e.control, e.simplifications, e.folder) },
  { name: 'hoist-invariants', run: (f: IrFunction, e: PassEnvironment) => hoistInvariants(f, e.control) },
  { name: 'clean-blocks-again', run: (f: IrFunction, e: PassEnvironment) => cleanBlocks(f, e.control) },
  { name: 'remove-redundant-parameters-again', run: (f: IrFunction, e: PassEnvironment) => removeRedundantParameters(f, e.control) },
  { name: 'eliminate-dead-code', run: (f: IrFunction, e: PassEnvironment) => eliminateDeadCode(f, e.control) },
] as const;
export type PassName = (typeof passes)[number]['name'];

/** What must come before what, and why; checked when this file is loaded. */
const order: readonly { readonly first: PassName; readonly second: PassName; readonly because: string }[] = [
  { first: 'clean-blocks', second: 'simplify', because: 'unreachable blocks hold values that may depend on themselves' },
  { first: 'clean-blocks', second: 'remove-redundant-parameters', because: 'what unreachable blocks pass makes parameters look needed' },
  { first: 'remove-redundant-parameters', second: 'number-values', because: 'a parameter hides that two values are one' },
  { first: 'number-values', second: 'hoist-invariants', because: 'of equal operations in a loop one moves' },
  { first: 'number-values', second: 'simplify-again', because: 'rules compare operands by identity' },
  { first: 'simplify-again', second: 'eliminate-dead-code', because: 'rules leave the operands of what they replace' },
  { first: 'simplify', second: 'clean-blocks-again', because: 'branches on constants are known only then' },
];
for (const { first, second, because } of order) {
  const position = (name: PassName): number => passes.findIndex((pass) => pass.name === name);
  if (position(first) >= position(second)) bug(`pass ${first} must come before ${second}: ${because}`, 'pipeline');
}

export type StageName = 'translate' | PassName | 'select' | 'state' | 'allocate' | 'emit';
export const stageNames: readonly StageName[] = ['translate', ...passes.map((pass) => pass.name), 'select', 'state', 'allocate', 'emit'];

/** A function as a stage leaves it. */
export type Level =
  | { readonly level: 'ir'; readonly f: IrFunction }
  | { readonly level: 'vcode'; readonly vcode: Vcode; readonly target: Target; readonly ruleNames: readonly string[] }
  | { readonly level: 'problem'; readonly vcode: Vcode; readonly stated: ProblemWithCells; readonly target: Target }
  | { readonly level: 'allocation'; readonly vcode: Vcode; readonly stated: ProblemWithCells; readonly allocation: Allocation; readonly target: Target }
  /** Calls are not yet resolved. `bytes` is a copy; a transformer answers another of the same length. */
  | { readonly level: 'code'; readonly emitted: EmittedFunction; readonly bytes: Uint8Array; readonly target: Target };

/** Stands in for the rule of its name. */
export type RuleFault =
  | { readonly kind: 'simplification'; readonly name: string; readonly rule: SimplificationRule }
  | { readonly kind: 'lowering'; readonly name: string; readonly target: TargetName; readonly rule: Rule<Selector, void> };

/** Changes what a stage leaves, in place or by answering something else of the same level. */
export interface TransformerFault {
  readonly kind: 'transformer';
  /** What the fault is called in reports. */
  readonly name: string;
  readonly stage: StageName;
  transform(level: Level): Level;
}

/** Stands in for the evaluation of one opcode where operations on constants are folded. */
export interface FoldingFault {
  readonly kind: 'folding';
  readonly name: string;
  readonly opcode: Opcode;
  readonly evaluate: EvaluateOne;
}

/** Puts another record in the place of a target's: another emitter, other call shapes, another way to patch branches. */
export interface TargetFault {
  readonly kind: 'target';
  readonly name: string;
  readonly target: TargetName;
  change(target: Target): Target;
}

/** Changes what decoding leaves of a module, before it is validated. */
export interface DecodingFault {
  readonly kind: 'decoding';
  readonly name: string;
  change(module: Module): Module;
}

export type Fault = RuleFault | TransformerFault | FoldingFault | TargetFault | DecodingFault;

export interface CompileOptions {
  readonly target?: TargetName;
  readonly opt?: OptimisationLevel;
  readonly regalloc?: AllocatorName;
  readonly bounds?: BoundsMode;
  /** Mask the addresses of explicitly checked accesses; on unless said otherwise. */
  readonly spectre?: boolean;
  /** Count the wasm instructions executed and stop when the store has no fuel left (translate/fuel.ts). */
  readonly fuel?: boolean;
  /** CPU features to use; all that the target knows unless said otherwise. The loader refuses code for a CPU that lacks one. */
  readonly features?: readonly string[];
  /** `between`: IR and vcode after every stage; `ends`: the IR after translation and after the last pass. */
  readonly verify?: 'between' | 'ends';
  /** Prove every allocation; a refuted one is a bug. */
  readonly check?: boolean;
  /** Go no further than the IR after the mid-end; the artifact then has no code. */
  readonly until?: 'ir' | 'code';
  /** Keep the IR of every function in the result. */
  readonly keepIr?: boolean;
  /** Called with what each stage leaves of each function; must not change it. */
  readonly inspect?: (stage: StageName, func: number, level: Level) => void;
  readonly control?: Control;
  /** Shared with other compilations of the same bytes; left alone where faults, inspection or a control that decides could make them differ. */
  readonly frontEnd?: FrontEnd;
  readonly faults?: readonly Fault[];
  /** Milliseconds of any origin; given, the time of each stage is added up. */
  readonly clock?: () => number;
}

export interface FunctionProof {
  /** Function index in the module. */
  readonly index: number;
  readonly proof: Proof;
}

type TimedStage = StageName | 'decode' | 'check' | 'verify' | 'assemble';

export interface Compilation {
  readonly artifact: Artifact;
  /** The IR after the mid-end, if it was to be kept. */
  readonly ir: readonly IrFunction[];
  /** One per function, if they were asked for. */
  readonly proofs: readonly FunctionProof[];
  /** Milliseconds per stage, if there was a clock. */
  readonly stageMs: ReadonlyMap<TimedStage, number>;
}

/** What the world outside calls the processor that an artifact is for. */
export function platformOf({ target }: Artifact): Platform {
  return isTargetName(target) ? targetOf(target).platform : bug('no target has this name', target);
}

/** Names of all rules a compilation for `target` may fire. */
export function ruleNamesOf(target: TargetName): readonly string[] {
  return [...simplificationRules.map((rule) => rule.name), ...targetOf(target).ruleNames];
}

/** One compilation: runs stages with everything the seam adds. */
class Run {
  readonly control: Control;
  readonly stageMs = new Map<TimedStage, number>();
  readonly proofs: FunctionProof[] = [];
  readonly target: Target;
  readonly features: ReadonlySet<string>;
  private readonly options: CompileOptions;
  private readonly environment: PassEnvironment;
  private readonly lowering: Lowering;
  /** Names of the rules that vcode refers to by number. */
  private readonly ruleNames: string[] = [];
  private readonly transformers: readonly TransformerFault[];

  constructor(options: CompileOptions) {
    this.options = options;
    this.control = options.control ?? new CountingControl();
    const faults = options.faults ?? [];
    this.target = targetWith(targetOf(options.target ?? defaultTarget), faults);
    this.features = new Set(options.features ?? this.target.features);
    this.transformers = faults.filter((fault) => fault.kind === 'transformer');
    const simplifications = faults.flatMap((fault) => (fault.kind === 'simplification' ? [fault.rule] : []));
    const lowerings = faults.flatMap((fault) => (fault.kind === 'lowering' && fault.target === this.target.name ? [fault.rule] : []));
    this.environment = { control: this.control, simplifications: simplificationsWith(simplifications), folder: folderWith(faults) };
    this.lowering = lowerings.length === 0 ? this.target.lowering : this.target.loweringWith(lowerings);
  }

  timed<T>(stage: TimedStage, work: () => T): T {
    const { clock } = this.options;
    if (clock === undefined) return work();
    const start = clock();
    const result = work();
    this.stageMs.set(stage, (this.stageMs.get(stage) ?? 0) + clock() - start);
    return result;
  }

  /** Runs one stage of function `func`, then faults and inspection. */
  private stage<L extends Level>(stage: StageName, func: number, work: () => L): L {
    try {
      let level = this.timed(stage, work);
      for (const fault of this.transformers) if (fault.stage === stage) level = sameLevel(level, fault.transform(level), fault);
      if (level.level === 'ir') this.verify(stage, level.f);
      if (level.level === 'vcode') this.verifyVcode(level.vcode);
      this.options.inspect?.(stage, func, level);
      return level;
    } catch (error) {
      if (error instanceof Bug && error.stage === undefined) error.stage = `${stage}, function ${func}`;
      throw error;
    }
  }

  private verify(stage: StageName, f: IrFunction): void {
    const isEnd = stage === 'translate' || stage === passes.at(-1)?.name;
    if (isEnd || this.options.verify === 'between') this.timed('verify', () => expectVerified(f, stage));
  }

  private verifyVcode(vcode: Vcode): void {
    if (this.options.verify === 'between') this.timed('verify', () => expectVerifiedVcode(vcode, this.target.instructions, { features: this.features }));
  }

  translate(translator: Translator, index: number): IrFunction {
    return this.stage('translate', index, () => ({ level: 'ir', f: translator.translate(index) })).f;
  }

  /** Runs the mid-end, which changes the function in place. */
  optimise(translated: IrFunction): IrFunction {
    let f = translated;
    const { index } = f;
    for (const pass of passes) {
      f = this.stage(pass.name, index, () => {
        pass.run(f, this.environment);
        return { level: 'ir', f };
      }).f;
    }
    return f;
  }

  generate(f: IrFunction, assembler: ModuleAssembler): void {
    const { target, control } = this;
    const { vcode } = this.stage('select', f.index, () => ({
      level: 'vcode',
      vcode: select(f, this.lowering, this.features, control, this.ruleNames),
      target,
      ruleNames: this.ruleNames,
    }));
    const { stated } = this.stage('state', f.index, () => ({ level: 'problem', vcode, stated: toProblem(vcode, target.instructions, target.registers), target }));
    const allocated = this.stage('allocate', f.index, () => {
      const allocation = allocate(stated.problem, { algorithm: this.options.regalloc ?? 'single-pass', control });
      return { level: 'allocation', vcode, stated, allocation, target };
    });
    if (this.options.check === true) this.prove(f.index, stated.problem, allocated.allocation);
    const code = this.stage('emit', f.index, () => {
      const emitted = assembler.add(applyAllocation(vcode, stated, allocated.allocation));
      return { level: 'code', emitted, bytes: this.wantsBytes ? assembler.bytesOf(emitted) : nothing, target };
    });
    if (this.transformers.some((fault) => fault.stage === 'emit')) assembler.replaceBytes(code.emitted, code.bytes);
  }

  /** Emitted bytes are copied only when somebody looks at them. */
  private get wantsBytes(): boolean {
    return this.options.inspect !== undefined || this.transformers.some((fault) => fault.stage === 'emit');
  }

  private prove(index: number, problem: Problem, allocation: Allocation): void {
    const verdict = this.timed('check', () => checkAllocation(problem, allocation));
    if (verdict.kind === 'proof') {
      this.proofs.push({ index, proof: verdict });
      return;
    }
    const refuted = new Bug(`allocation refuted: ${verdict.faults.map(describeFault).join('; ')}`, '');
    refuted.stage = `allocate, function ${index}`;
    throw refuted;
  }
}

/** Runs the mid-end on a function that belongs to no module. It is verified after every pass. Of faults, those of rules and of the folder act. */
export function optimise(f: IrFunction, control: Control, faults: readonly Fault[] = []): void {
  const rules = faults.flatMap((fault) => (fault.kind === 'simplification' ? [fault.rule] : []));
  const environment: PassEnvironment = { control, simplifications: simplificationsWith(rules), folder: folderWith(faults) };
  for (const pass of passes) {
    pass.run(f, environment);
    expectVerified(f, pass.name);
  }
}

const nothing = new Uint8Array();

function simplificationsWith(replacements: readonly SimplificationRule[]): Simplifications {
  if (replacements.length === 0) return standardSimplifications;
  return simplificationsOf(simplificationRules.map((rule) => replacements.find((replacement) => replacement.name === rule.name) ?? rule));
}
const standardSimplifications = simplificationsOf(simplificationRules);

function folderWith(faults: readonly Fault[]): Folder {
  const replaced = faults.filter((fault) => fault.kind === 'folding');
  if (replaced.length === 0) return standardFolder;
  return new Folder((m, f, inst) => (replaced.find(({ opcode }) => opcode === opcodeOf(f, inst))?.evaluate ?? evaluateOne)(m, f, inst));
}
const standardFolder = new Folder();

function targetWith(target: Target, faults: readonly Fault[]): Target {
  return faults.reduce((changed, fault) => (fault.kind === 'target' && fault.target === target.name ? fault.change(changed) : changed), target);
}

function decodedWith(module: Module, faults: readonly Fault[]): Module {
  return faults.reduce((changed, fault) => (fault.kind === 'decoding' ? fault.change(changed) : changed), module);
}

/** A transformer must answer the level it was given. */
function sameLevel<L extends Level>(before: L, after: Level, fault: TransformerFault): L {
  if (after.level !== before.level) bug(`transformer ${fault.name} answers ${after.level} for ${before.level}`, 'pipeline');
  return after as L;
}

/** Compiles a module. Throws `InvalidModule`, `Unsupported`, or a `Bug` of ours. */
export function compileModule(bytes: Uint8Array, options: CompileOptions): Compilation {
  const run = new Run(options);
  const { bounds = 'guard', spectre = true, fuel = false, opt = 'speed', verify = 'ends' } = options;
  const prepare = (): PreparedModule => {
    const module = decodedWith(decodeModule(bytes), options.faults ?? []);
    validateModule(module);
    return prepareModule(module, { bounds, spectre, fuel });
  };
  const frontEnd = maybeFrontEnd(options);
  const preparation = `${bounds} ${spectre} ${fuel}`;
  const keyOf = (level: OptimisationLevel): string => `${preparation} ${verify} ${level}`;
  const prepared = run.timed('decode', () => (frontEnd === undefined ? prepare() : frontEnd.prepare(bytes, preparation, prepare)));
  const { module } = prepared;
  const known = frontEnd?.maybeFunctions(bytes, keyOf(opt));
  // Without the mid-end functions are as translated: the mid-end then begins with copies of them.
  const translated = known ?? frontEnd?.maybeFunctions(bytes, keyOf('none'));
  const translator = translated === undefined ? new Translator(prepared) : undefined;
  const copies: IrFunction[] = [];
  const functionAt = (index: number): IrFunction => {
    const shared = translated?.[index - module.importedFunctions];
    if (known !== undefined) return shared ?? bug(`a shared front end lacks function ${index}`);
    const f = translator === undefined ? copyFunction(shared ?? bug(`a shared front end lacks function ${index}`)) : run.translate(translator, index);
    if (opt === 'none') return f;
    if (frontEnd !== undefined && translator !== undefined) copies.push(copyFunction(f));
    return run.optimise(f);
  };
  const assembler = options.until === 'ir' ? undefined : new ModuleAssembler(run.target);
  const ir: IrFunction[] = [];
  for (let index = module.importedFunctions; index < module.functions.length; index++) {
    const f = functionAt(index);
    if (options.keepIr === true || (frontEnd !== undefined && known === undefined)) ir.push(f);
    if (assembler !== undefined) run.generate(f, assembler);
  }
  if (known === undefined) frontEnd?.keepFunctions(bytes, keyOf(opt), ir);
  if (copies.length > 0) frontEnd?.keepFunctions(bytes, keyOf('none'), copies);
  const artifact = run.timed('assemble', () => artifactOf(prepared, run, options, assembler));
  return { artifact, ir: options.keepIr === true ? (known ?? ir) : [], proofs: run.proofs, stageMs: run.stageMs };
}

/** The record to share, unless this compilation's own ways could show in it, or another's in this one. */
function maybeFrontEnd({ frontEnd, faults = [], inspect, control }: CompileOptions): FrontEnd | undefined {
  return faults.length === 0 && inspect === undefined && (control === undefined || (control instanceof CountingControl && !control.decides)) ? frontEnd : undefined;
}

function artifactOf(prepared: PreparedModule, run: Run, options: CompileOptions, assembler: ModuleAssembler | undefined): Artifact {
  const { signatures, typeSignatures, manifest } = prepared;
  return {
    target: run.target.name,
    features: [...run.features],
    bounds: options.bounds ?? 'guard',
    manifest,
    signatures,
    typeSignatures,
    ...(assembler === undefined ? withoutCode(signatures.length) : assembler.finish(signatures)),
  };
}

/** The parts of an artifact that stay empty when there is no code. */
function withoutCode(signatures: number): ReturnType<ModuleAssembler['finish']> {
  const none = new Int32Array();
  const nowhere = new Int32Array(signatures).fill(-1);
  return {
    code: nothing,
    functions: [],
    traps: { pc: none, code: nothing, origin: none },
    origins: { pc: none, origin: none },
    entryTrampolines: nowhere,
    hostTrampolines: nowhere,
    libcallTrampolines: Object.fromEntries(Object.keys(libcalls).map((name) => [name, -1])) as Artifact['libcallTrampolines'],
    trapExit: -1,
    trapExitAfterSignal: -1,
  };
}
