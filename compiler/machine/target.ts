// What a backend supplies: one record per ISA. Everything outside `isa/NAME` reaches an ISA through it.
// The selector uses `lowering` and `abi`; the allocator sees `registers` and what `problem.ts` makes of the rows;
// `emit/` uses the emission part and knows nothing of encodings.

import type { Signature, TargetName } from '../contract/artifact.ts';
import type { RegisterFile } from '../regalloc/problem.ts';
import type { CallShape } from './abi.ts';
import type { CodeBuffer, FixupPatcher } from './code-buffer.ts';
import type { InstructionRow, InstructionSet } from './instruction.ts';
import type { Vcode } from './vcode.ts';

/** Where the parts of a frame lie. */
export interface Frame {
  /** Bytes between frame pointer and stack pointer, a multiple of 16. */
  readonly bytes: number;
  /** Offset of the spill area from the frame pointer, negative. */
  readonly spillOffset: number;
  readonly keepsVmctx: boolean;
  /** Origin of the stack check, or undefined without one. */
  readonly stackCheck: number | undefined;
}

/** An allocated function as emission reads it: location per cell that held a virtual register, and per spill slot its offset. */
export interface AllocatedCode {
  readonly vcode: Vcode;
  /** Parallel to the cells: a physical register (0–63) where the cell holds a virtual register. */
  readonly locations: Int32Array;
  readonly slotOffset: Int32Array;
  readonly spillBytes: number;
}

/** Emits the instructions of one function after another. Made once per module. */
export interface FunctionEmitter {
  begin(code: AllocatedCode, frame: Frame, buffer: CodeBuffer): void;
  prologue(): void;
  block(block: number): void;
  /** A move the allocator inserted; locations from 64 on are slots. */
  move(from: number, to: number, bytes: number): void;
  instruction(inst: number): void;
  /** Out-of-line traps; answers nothing, appends code. */
  cold(): void;
  /** Constants and jump tables behind the code. */
  data(): void;
}

export interface Target {
  readonly name: TargetName;
  readonly instructions: InstructionSet<InstructionRow>;
  readonly registers: RegisterFile;
  registerName(register: number, bytes: number): string;
  maybeRegister(name: string): { readonly register: number; readonly bytes: number } | undefined;
  readonly conditionNames: readonly string[];
  callShape(signature: Signature): CallShape;
  createEmitter(): FunctionEmitter;
  readonly patch: FixupPatcher;
}
