// The inner door, for the lab and the scripts: parts of rooms that nobody needs who only compiles and runs.

export type { Artifact, AllocatorName, BoundsMode, OptimisationLevel, TargetName } from './contract/artifact.ts';
export type { FunctionType, GlobalType, Limits, Manifest, ReferenceType, TableType, ValueType } from './contract/manifest.ts';
export { trapMessages, type TrapName } from './contract/traps.ts';
export type { IrFunction } from './ir/function.ts';
export { EvaluatedProcessor } from './ir/processor.ts';
export { slotAt, type Slots } from './runtime/cells.ts';
