// The inner door, for the lab and the scripts: parts of rooms that nobody needs who only compiles and runs.

export type { Artifact, AllocatorName, BoundsMode, OptimisationLevel } from './contract/artifact.ts';
export type { FunctionType, GlobalType, Limits, Manifest, ReferenceType, TableType, ValueType } from './contract/manifest.ts';
export { zoneAddress } from './contract/runner.ts';
export { storeContext, vmctxHeader } from './contract/vmctx.ts';
export { trapCodes, trapMessages, type TrapName } from './contract/traps.ts';
export { type Cfg, computeCfg } from './analysis/cfg.ts';
export { computeDominators, dominates, type Dominators } from './analysis/dominators.ts';
export { CountingControl } from './base/control.ts';
export { asBlock, asInst } from './base/entity.ts';
export { TextError, TextScanner } from './base/text-scanner.ts';
export { type IrFunction, instCount, maybeBlockOf } from './ir/function.ts';
export { type AloneOutcome, evaluateAlone } from './ir/evaluate-alone.ts';
export { type ParsedFunction, parseFunction, parseFunctions } from './ir/parse.ts';
export { printFunction } from './ir/print.ts';
export { type IrFault, expectVerified, printFaults, verifyFunction } from './ir/verify.ts';
export { type Choose, randomArguments, randomFunction } from './ir/random-function.ts';
export { cleanBlocks } from './optimise/clean-blocks.ts';
export { eliminateDeadCode } from './optimise/eliminate-dead-code.ts';
export { foldConstants } from './optimise/fold-constants.ts';
export { hoistInvariants } from './optimise/hoist-invariants.ts';
export { numberValues } from './optimise/number-values.ts';
export { removeRedundantParameters } from './optimise/remove-redundant-parameters.ts';
export { simplify } from './optimise/simplify.ts';
export { EvaluatedProcessor } from './ir/processor.ts';
export { slotAt, type Slots } from './runtime/cells.ts';
export { maybeEmulator, whyNoRunner } from './runtime/runner/emulator.ts';
export { defaultTarget, isTargetName, maybeTargetOn, type TargetName, targetNames, targetOf } from './isa/index.ts';
export { parseVcode } from './machine/parse.ts';
export type { Target } from './machine/target.ts';
export { printAllocated, printVcode } from './machine/print.ts';
export { ModuleAssembler } from './emit/module.ts';
export { applyAllocation, toProblem } from './machine/problem.ts';
export { select } from './machine/select.ts';
export { expectVerifiedVcode, verifyVcode } from './machine/verify.ts';
export { optimise, ruleNamesOf, stageNames } from './pipeline.ts';
export { allocate, allocationAlgorithms } from './regalloc/allocate.ts';
export { checkAllocation } from './regalloc/checker.ts';
export { parseProblem } from './regalloc/parse.ts';
export { printProblem } from './regalloc/print.ts';
export type { Allocation, Problem } from './regalloc/problem.ts';
export { describeFault } from './regalloc/proof.ts';
export { spoilers } from './regalloc/testing/corrupt.ts';
export { flowIsRight } from './regalloc/testing/naive-checker.ts';
export { randomProblem } from './regalloc/testing/random-problem.ts';
export { typicalProblem } from './regalloc/testing/typical-problem.ts';
export { maybeParseProof, printProof } from './regalloc/proof.ts';
export { type ModuleFault, moduleFaultOf } from './base/errors.ts';
export { type PreparedModule, prepareModule } from './translate/prepare.ts';
export { Translator } from './translate/translate.ts';
export { decodeModule } from './wasm/decode.ts';
export type { Module } from './wasm/module.ts';
export { validate, validateModule } from './wasm/validate.ts';

// What a planted fault or a check of emitted code is made of.
export { type CompileOptions, type Fault, type FoldingFault, type Level, type RuleFault, type StageName, type TargetFault, type TransformerFault } from './pipeline.ts';
export { type Inst, asVReg } from './base/entity.ts';
export {
  argumentAt, argumentCount, type BlockCall, blockOfCall, createInst, firstOperand, immediateOf, insertInstBefore, maybeDefinitionOf, maybeFirstBlock, maybeFirstInst, maybeNextBlock, maybeNextInst,
  memoryFlagsOf, opcodeOf, operandAt, operandCount, originOf, removeInst, replaceValue, resultOf, setArgument, successorAt, successorCount, terminatorOf, typeOf,
} from './ir/function.ts';
export { icmpConditions, op, rowOf } from './ir/opcodes.ts';
export { bind, type ConstantTest, condition, k, l, memory, powerOfTwo, typed, w, where, x, y } from './ir/pattern.ts';
export { band, bxor, iadd, icmp, iconst, ishl, isub, load, rotl, sextend16, sshr, udiv, uextend } from './ir/pattern-terms.ts';
export { i32, i64 } from './ir/types.ts';
export { rule as simplificationRule } from './optimise/rewriter.ts';
export { a64, conditions as a64Conditions } from './isa/aarch64/instructions/table.ts';
export { rule as a64Rule } from './isa/aarch64/lowering/rule.ts';
export { rv } from './isa/riscv64/instructions/table.ts';
export { rule as rvRule } from './isa/riscv64/lowering/rule.ts';
export { rule as x64Rule, byWidth } from './isa/x86-64/lowering/rule.ts';
export { instructionSet as x64InstructionSet, x64 } from './isa/x86-64/instructions/table.ts';
export { type Decoded, Decoder } from './isa/x86-64/encoding/decode.ts';
export { bases, type InstructionRow, isRegisterKind, memoryCells, type OperandShape, type RowShape } from './machine/instruction.ts';
export type { AllocatedCode } from './machine/problem.ts';
export type { Selector } from './machine/select.ts';
export type { DecodedInstruction, FunctionEmitter } from './machine/target.ts';
export { trapOfFlags } from './machine/value-uses.ts';
export { type Vcode, blockCountOf, bytesOfVReg, endInstOf, firstCellOf, firstInstOf, instCountOf, originOfInst, rowOfInst, trapOfInst, vregCountOf } from './machine/vcode.ts';
export { maybeInstructionName, prefixedStart } from './wasm/opcodes.ts';

// Single machine instructions of every target, for the generators and oracles of encodings.
export { instructionSet as a64InstructionSet } from './isa/aarch64/instructions/table.ts';
export { Decoder as A64Decoder } from './isa/aarch64/encoding/decode.ts';
export { encodeDecoded as encodeA64 } from './isa/aarch64/encoding/parse.ts';
export { randomCells as randomA64Cells } from './isa/aarch64/random-instruction.ts';
export { instructionSet as rvInstructionSet } from './isa/riscv64/instructions/table.ts';
export { Decoder as RvDecoder } from './isa/riscv64/encoding/decode.ts';
export { encodeDecoded as encodeRv } from './isa/riscv64/encoding/parse.ts';
export { randomCells as randomRvCells } from './isa/riscv64/random-instruction.ts';
export { encodeDecoded as encodeX64 } from './isa/x86-64/encoding/parse.ts';
export { randomCells as randomX64Cells } from './isa/x86-64/random-instruction.ts';
export { FrontEnd } from './translate/front-end.ts';
