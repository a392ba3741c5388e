// What an x86-64 row says about its bytes. The encoder and the decoder both read it, and nothing else.
//
//   bytes   [prefix] [REX] [0F | 0F 38 | 0F 3A] opcode [ModRM [SIB] [displacement]] [immediate]
//   fields  reg  ModRM.reg       rm  ModRM.rm (register, or memory)   op  low three bits of the opcode
//           imm  immediate       rel displacement of 32 bits, rel8 of 8, from the instruction's end      cc  low four bits of the opcode
// Source: Intel SDM volume 2, chapter 2 "Instruction Format".

import type { InstructionRow } from '../../../machine/instruction.ts';

/** CPU features beyond SSE2 that rows may need. */
export type Feature = 'sse4.1' | 'popcnt' | 'lzcnt' | 'bmi1';

export interface X64Row extends InstructionRow {
  /** Absent for pseudo-instructions. */
  readonly opcode?: number;
  /** Opcode map; absent for one-byte opcodes. */
  readonly map?: '0f' | '0f38' | '0f3a';
  /** Mandatory or operand-size prefix. */
  readonly prefix?: 0x66 | 0xf2 | 0xf3;
  /** REX.W. */
  readonly wide?: true;
  /** Opcode extension in ModRM.reg. */
  readonly digit?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly feature?: Feature;
}
