// The inner door, for the lab and the scripts: parts of rooms that nobody needs who only compiles and runs.

export type { Artifact, AllocatorName, BoundsMode, OptimisationLevel, TargetName } from './contract/artifact.ts';
export type { FunctionType, GlobalType, Limits, Manifest, ReferenceType, TableType, ValueType } from './contract/manifest.ts';
export { trapMessages, type TrapName } from './contract/traps.ts';
export { type Cfg, computeCfg } from './analysis/cfg.ts';
export { computeDominators, dominates, type Dominators } from './analysis/dominators.ts';
export { CountingControl } from './base/control.ts';
export { asBlock } from './base/entity.ts';
export type { IrFunction } from './ir/function.ts';
export { parseFunction } from './ir/parse.ts';
export { printFunction } from './ir/print.ts';
export { printFaults, verifyFunction } from './ir/verify.ts';
export { EvaluatedProcessor } from './ir/processor.ts';
export { slotAt, type Slots } from './runtime/cells.ts';
export { targetNames, targetOf } from './isa/index.ts';
export { parseVcode } from './machine/parse.ts';
export { printAllocated, printVcode } from './machine/print.ts';
export { applyAllocation } from './machine/problem.ts';
export { expectVerifiedVcode } from './machine/verify.ts';
export { ruleNamesOf, stageNames } from './pipeline.ts';
export { maybeParseProof, printProof } from './regalloc/proof.ts';
export { type ModuleFault, moduleFaultOf } from './base/errors.ts';
export { type PreparedModule, prepareModule } from './translate/prepare.ts';
export { Translator } from './translate/translate.ts';
export { decodeModule } from './wasm/decode.ts';
export type { Module } from './wasm/module.ts';
export { validate, validateModule } from './wasm/validate.ts';

// What a planted fault or a check of emitted code is made of.
export { type CompileOptions, type Fault, type Level, type RuleFault, type StageName, type TransformerFault } from './pipeline.ts';
export { op } from './ir/opcodes.ts';
export { type ConstantTest, k, powerOfTwo, where, x, y } from './ir/pattern.ts';
export { iconst, ishl, sextend16, sshr, udiv } from './ir/pattern-terms.ts';
export { i32 } from './ir/types.ts';
export { rule as simplificationRule } from './optimise/rewriter.ts';
export { rule as x64Rule, byWidth } from './isa/x86-64/lowering/rule.ts';
export { instructionSet as x64InstructionSet, x64 } from './isa/x86-64/instructions/table.ts';
export { type Decoded, Decoder } from './isa/x86-64/encoding/decode.ts';
export type { AllocatedCode } from './machine/problem.ts';
export { blockCountOf, endInstOf, firstCellOf, firstInstOf, rowOfInst } from './machine/vcode.ts';
