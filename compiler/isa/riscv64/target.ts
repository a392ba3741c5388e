// The RISC-V backend as one record: RV64 with M, F and D. Zba and Zbb are used where the features say so.

import type { Target } from '../../machine/target.ts';
import { callShape } from './abi.ts';
import { patch, relocate } from './branches.ts';
import { RvEmitter } from './emitter.ts';
import { conditionNames, instructionSet } from './instructions/table.ts';
import { assembleLines, codec, listCode, maybeDecode } from './listing.ts';
import { loweringWith, makeLowering, ruleNames } from './lowering/table.ts';
import { platform } from './platform.ts';
import { fixedRegisters, maybeRegister, registerFile, registerName } from './registers.ts';
import { runner } from './runner.ts';
import { specimens } from './specimens.ts';
import { trampolines } from './trampolines.ts';

export const rvTarget: Target = {
  name: 'riscv64',
  instructions: instructionSet,
  registers: registerFile,
  fixedRegisters,
  registerName,
  maybeRegister,
  conditionNames,
  displacementsFrom: 'start',
  features: ['zba', 'zbb'],
  lowering: makeLowering(),
  ruleNames,
  loweringWith,
  callShape,
  frameOverhead: 16,
  functionAlignment: 16,
  // Four of these are no instruction.
  paddingByte: 0,
  createEmitter: (buffer) => new RvEmitter(buffer),
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
