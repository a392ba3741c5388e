// The AArch64 backend as one record. ARMv8.0 is all it needs, so there are no optional features.

import type { Target } from '../../machine/target.ts';
import { callShape } from './abi.ts';
import { patch, relocate } from './branches.ts';
import { A64Emitter } from './emitter.ts';
import { conditionNames, instructionSet } from './instructions/table.ts';
import { assembleLines, codec, listCode, maybeDecode } from './listing.ts';
import { loweringWith, makeLowering, ruleNames } from './lowering/table.ts';
import { platform } from './platform.ts';
import { fixedRegisters, maybeRegister, registerFile, registerName } from './registers.ts';
import { runner } from './runner.ts';
import { specimens } from './specimens.ts';
import { trampolines } from './trampolines.ts';

export const a64Target: Target = {
  name: 'aarch64',
  instructions: instructionSet,
  registers: registerFile,
  fixedRegisters,
  registerName,
  maybeRegister,
  conditionNames,
  displacementsFrom: 'start',
  features: [],
  lowering: makeLowering(),
  ruleNames,
  loweringWith,
  callShape,
  frameOverhead: 16,
  functionAlignment: 16,
  // Four of these are `udf #0`.
  paddingByte: 0,
  createEmitter: (buffer) => new A64Emitter(buffer),
  trampolines,
  runner,
  platform,
  specimens,
  relocate,
  patch,
  maybeDecode,
  listCode,
  assembleLines,
  codec,
};
