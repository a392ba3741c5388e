// Call-frame information for debuggers, profilers and unwinders: `.eh_frame` (LSB 5.0, chapter 10; DWARF 4, section 6.4) and its index.
// All our code begins by saving the caller's frame pointer and pointing its own at it, in a few instructions of known length, so one description
// serves every function and trampoline of a target. It is exact from the first instruction on, save for the last one, the return, where the frame
// pointer is the caller's again.

import type { TargetName } from '../contract/artifact.ts';
import { ByteWriter } from './bytes.ts';

interface FramePrologue {
  readonly stackPointer: number;
  readonly framePointer: number;
  /** Column of the return address, and where it is saved, in words below the CFA; a machine that pushes it has it there from the start. */
  readonly returnAddress: number;
  readonly pushesReturnAddress: boolean;
  readonly codeAlignment: number;
  /** Bytes after which the stack pointer has moved, the frame pointer is saved, and it is set. */
  readonly moved: number;
  readonly saved: number;
  readonly set: number;
}

/** DWARF register numbers: x86-64 psABI figure 3.36, AADWARF64 4.1, RISC-V DWARF psABI. */
const prologues: Record<TargetName, FramePrologue> = {
  // push rbp · mov rbp, rsp
  'x86-64': { stackPointer: 7, framePointer: 6, returnAddress: 16, pushesReturnAddress: true, codeAlignment: 1, moved: 1, saved: 1, set: 4 },
  // stp x29, x30, [sp, #-16]! · mov x29, sp
  aarch64: { stackPointer: 31, framePointer: 29, returnAddress: 30, pushesReturnAddress: false, codeAlignment: 4, moved: 4, saved: 4, set: 8 },
  // addi sp, sp, -16 · sd ra, 8(sp) · sd s0, 0(sp) · addi s0, sp, 0
  riscv64: { stackPointer: 2, framePointer: 8, returnAddress: 1, pushesReturnAddress: false, codeAlignment: 1, moved: 4, saved: 12, set: 16 },
};

const dwarf = { advance: 0x40, offset: 0x80, defineCfa: 0x0c, defineCfaRegister: 0x0d, defineCfaOffset: 0x0e } as const;
/** DW_EH_PE_pcrel | sdata4, udata4, datarel | sdata4. */
const encodings = { relative: 0x1b, count: 0x03, table: 0x3b } as const;
/** A frame's two saved words: the return address is the first below the CFA, the frame pointer the second. */
const frameBytes = 16;

export interface CodeRange {
  readonly start: number;
  readonly end: number;
}

export interface CallFrameInfo {
  readonly bytes: Uint8Array;
  /** Places of 4 bytes that hold the distance from themselves to a code offset; 0 until resolved. In the order of the ranges. */
  readonly places: readonly { readonly offset: number; readonly code: number; readonly description: number }[];
}

/** Descriptions of these ranges, without the zero that ends a section: a linker may put others behind them. */
export function callFrameInfo(target: TargetName, ranges: readonly CodeRange[]): CallFrameInfo {
  const frame = prologues[target];
  const writer = new ByteWriter();
  const places: CallFrameInfo['places'][number][] = [];
  common(writer, frame);
  for (const { start, end } of ranges) {
    const description = writer.length;
    entry(writer, () => {
      // Distance to the common entry, which is the first.
      writer.u32(writer.length);
      places.push({ offset: writer.length, code: start, description });
      writer.u32(0);
      writer.u32(end - start);
      writer.uleb(0);
      prologue(writer, frame);
    });
  }
  return { bytes: writer.toBytes(), places };
}

function entry(writer: ByteWriter, write: () => void): void {
  const start = writer.length;
  writer.u32(0);
  write();
  // Zero bytes are instructions that do nothing. The length does not count its own 4 bytes.
  writer.align(8);
  writer.patch32(start, writer.length - start - 4);
}

/** What holds at the first instruction of all code. */
function common(writer: ByteWriter, frame: FramePrologue): void {
  entry(writer, () => {
    writer.u32(0);
    writer.u8(1);
    writer.append(Uint8Array.of(0x7a, 0x52, 0)); // "zR"
    writer.uleb(frame.codeAlignment);
    writer.sleb(-8);
    writer.uleb(frame.returnAddress);
    writer.uleb(1);
    writer.u8(encodings.relative);
    writer.u8(dwarf.defineCfa);
    writer.uleb(frame.stackPointer);
    writer.uleb(frame.pushesReturnAddress ? 8 : 0);
    if (frame.pushesReturnAddress) saveRegister(writer, frame.returnAddress, 1);
  });
}

/** How the frame changes with the instructions of the prologue. */
function prologue(writer: ByteWriter, frame: FramePrologue): void {
  const advance = (bytes: number): void => {
    if (bytes > 0) writer.u8(dwarf.advance | (bytes / frame.codeAlignment));
  };
  advance(frame.moved);
  writer.u8(dwarf.defineCfaOffset);
  writer.uleb(frameBytes);
  advance(frame.saved - frame.moved);
  saveRegister(writer, frame.framePointer, 2);
  if (!frame.pushesReturnAddress) saveRegister(writer, frame.returnAddress, 1);
  advance(frame.set - frame.saved);
  writer.u8(dwarf.defineCfaRegister);
  writer.uleb(frame.framePointer);
}

function saveRegister(writer: ByteWriter, register: number, words: number): void {
  writer.u8(dwarf.offset | register);
  writer.uleb(words);
}

export const frameIndexBytes = (ranges: number): number => 12 + 8 * ranges;

/** `.eh_frame_hdr`: a sorted index of the descriptions, for images. Addresses are those of the three sections. */
export function frameIndex(info: CallFrameInfo, at: { readonly index: number; readonly frames: number; readonly code: number }): Uint8Array {
  const writer = new ByteWriter();
  writer.append(Uint8Array.of(1, encodings.relative, encodings.count, encodings.table));
  writer.u32((at.frames - (at.index + 4)) >>> 0);
  writer.u32(info.places.length);
  for (const { code, description } of info.places.toSorted((a, b) => a.code - b.code)) {
    writer.u32((at.code + code - at.index) >>> 0);
    writer.u32((at.frames + description - at.index) >>> 0);
  }
  return writer.toBytes();
}
