// The x86-64 backend as one record.

import type { Target } from '../../machine/target.ts';
import { callShape } from './abi.ts';
import { patch, relocate } from './branches.ts';
import { X64Emitter } from './emitter.ts';
import type { Feature } from './encoding/row.ts';
import { inProcess } from './in-process.ts';
import { conditionNames, instructionSet } from './instructions/table.ts';
import { loweringWith, makeLowering, ruleNames } from './lowering/table.ts';
import { assembleLines, codec, listCode, maybeDecode } from './listing.ts';
import { platform } from './platform.ts';
import { fixedRegisters, maybeRegister, registerFile, registerName } from './registers.ts';
import { runner } from './runner.ts';
import { specimens } from './specimens.ts';
import { trampolines } from './trampolines.ts';

const features: readonly Feature[] = ['sse4.1', 'popcnt', 'lzcnt', 'bmi1'];

export const x64Target: Target = {
  name: 'x86-64',
  instructions: instructionSet,
  registers: registerFile,
  fixedRegisters,
  registerName,
  maybeRegister,
  conditionNames,
  displacementsFrom: 'end',
  features,
  lowering: makeLowering(),
  ruleNames,
  loweringWith,
  callShape,
  frameOverhead: 16,
  functionAlignment: 16,
  paddingByte: 0xcc,
  createEmitter: (buffer) => new X64Emitter(buffer),
  trampolines,
  runner,
  platform,
  specimens,
  inProcess,
  relocate,
  patch,
  maybeDecode,
  listCode,
  assembleLines,
  codec,
};
