// The inner door, for the lab and the scripts: parts of rooms that nobody needs who only compiles and runs.

export type { Artifact, AllocatorName, BoundsMode, OptimisationLevel, TargetName } from './contract/artifact.ts';
export type { FunctionType, GlobalType, Limits, Manifest, ReferenceType, TableType, ValueType } from './contract/manifest.ts';
export { trapMessages, type TrapName } from './contract/traps.ts';
export { type Cfg, computeCfg } from './analysis/cfg.ts';
export { computeDominators, dominates, type Dominators } from './analysis/dominators.ts';
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
