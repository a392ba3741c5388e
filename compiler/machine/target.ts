// What a backend supplies: one record per ISA. Everything outside `isa/NAME` reaches an ISA through it.
// The pipeline makes a `Lowering` from its rules, the allocator sees `registers` and what problem.ts makes of the rows, `emit/` uses the
// emission part and knows nothing of encodings.

import type { Signature } from '../contract/artifact.ts';
import type { InProcessProgram } from '../contract/in-process.ts';
import type { Platform } from '../contract/platform.ts';
import type { Specimens } from '../contract/specimens.ts';
import type { Rule } from '../ir/pattern.ts';
import type { RegisterFile } from '../regalloc/problem.ts';
import type { CallShape } from './abi.ts';
import type { CodeBuffer, FixupPatcher } from './code-buffer.ts';
import type { InstructionCodec } from './instruction-codec.ts';
import type { InstructionRow, InstructionSet, RowShape } from './instruction.ts';
import type { AllocatedCode } from './problem.ts';
import type { RunnerProgram } from '../contract/runner-program.ts';
import type { Lowering, Selector } from './select.ts';

/** For the register tables of backends, which do not import from `regalloc/` themselves. */
export type Registers = RegisterFile;

/** Where the parts of a frame lie. Offsets are from the frame pointer. */
export interface Frame {
  /** Bytes between frame pointer and stack pointer, a multiple of 16. */
  readonly bytes: number;
  /** First byte of the spill area, negative. */
  readonly spillOffset: number;
}

/** Emits the instructions of one function after another into one buffer. */
export interface FunctionEmitter {
  /** Starts a function and emits its prologue. */
  begin(code: AllocatedCode, frame: Frame): void;
  /** Binds the label of a block. */
  block(block: number): void;
  /** A move the allocator inserted; locations from 64 on are slots. */
  move(from: number, to: number, bytes: number): void;
  instruction(inst: number): void;
  /** Emits a branch-ending instruction; `next` is the block that will be emitted behind it, or -1. */
  terminator(inst: number, next: number): void;
  /** Upper bound of the bytes that an instruction, or a move, takes. */
  sizeBound(inst: number): number;
  readonly moveBound: number;
  /** Tells where blocks will begin at most, so that short branches can be chosen: `bound[b]`, in bytes from the function's start. */
  setBounds(blockBound: Int32Array): void;
  /** Replaces blocks that only jump by what they lead to: `forward[b]`. */
  setForwarding(forward: Int32Array): void;
  /** Emits out-of-line traps. */
  cold(): void;
  /** Emits constants and jump tables, which follow the code, and patches branches. */
  data(): void;
}

/** Code that joins compiled code with its host; see contract/artifact.ts. Each answers its offset in the buffer. */
export interface TrampolineEmitter {
  entry(buffer: CodeBuffer, signature: Signature): number;
  host(buffer: CodeBuffer, signature: Signature): number;
  libcall(buffer: CodeBuffer, signature: Signature, number: number): number;
  trapExit(buffer: CodeBuffer): { readonly trapExit: number; readonly trapExitAfterSignal: number };
}

/** One instruction read from its bytes. */
export interface DecodedInstruction {
  readonly shape: RowShape<InstructionRow>;
  /** Operand cells as the encoder takes them; a list is empty, so one zero cell. */
  readonly cells: readonly number[];
  /** Bytes taken. */
  readonly length: number;
}

/** Integer registers of a fixed meaning in the body of a function. */
export interface FixedRegisters {
  readonly vmctx: number;
  readonly framePointer: number;
  readonly stackPointer: number;
  /** The one that always reads as zero, where it shares its number with no other. */
  readonly zero?: number;
}

export interface Target {
  /** What options and artifacts call it. */
  readonly name: string;
  readonly instructions: InstructionSet<InstructionRow>;
  readonly registers: RegisterFile;
  readonly fixedRegisters: FixedRegisters;
  registerName(register: number, bytes: number): string;
  maybeRegister(name: string): { readonly register: number; readonly bytes: number } | undefined;
  /** Names of conditions by number. Numbers that differ in the lowest bit are opposites. */
  readonly conditionNames: readonly string[];
  /** Whether the displacements of branches count from the branch or from what follows it. */
  readonly displacementsFrom: 'start' | 'end';
  /** CPU features the compiler may use, all of them optional. */
  readonly features: readonly string[];
  readonly lowering: Lowering;
  /** Names of all lowering rules. */
  readonly ruleNames: readonly string[];
  /** The lowering with each of `replacements` in the place of the rule of its name. */
  loweringWith(replacements: readonly Rule<Selector, void>[]): Lowering;
  callShape(signature: Signature): CallShape;
  /** Bytes a call pushes and the prologue saves above the frame: return address and frame pointer. */
  readonly frameOverhead: number;
  /** Alignment of functions, and the byte that pads. */
  readonly functionAlignment: number;
  readonly paddingByte: number;
  createEmitter(buffer: CodeBuffer): FunctionEmitter;
  readonly trampolines: TrampolineEmitter;
  /** Absent where code of this target runs in no process of its own. */
  readonly runner?: RunnerProgram;
  /** Absent where code of this target does not run in the runtime's own process. */
  readonly inProcess?: InProcessProgram;
  readonly platform: Platform;
  readonly specimens: Specimens;
  /** Patches the relocated use of a function at `offset`, given the function's own offset. */
  relocate(buffer: CodeBuffer, offset: number, target: number): void;
  readonly patch: FixupPatcher;
  /** The instruction that begins at `offset`, or undefined when no row has these bytes. Of rows with the same bytes, one is answered. */
  maybeDecode(code: Uint8Array, offset: number): DecodedInstruction | undefined;
  /** Assembly text of the bytes `[start, end)`, a line each; bytes that are no instruction are listed as such. */
  listCode(code: Uint8Array, start: number, end: number): readonly { readonly offset: number; readonly length: number; readonly text: string }[];
  /** The bytes that listed lines stand for, the first of them at `start`. */
  assembleLines(lines: readonly string[], start: number): Uint8Array;
  /** Its instructions one at a time. */
  readonly codec: InstructionCodec;
}
