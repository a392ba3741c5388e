// Call-frame information for debuggers, profilers and unwinders: `.eh_frame` (LSB 5.0, chapter 10; DWARF 4, section 6.4) and its index.
// All our code begins by saving the caller's frame pointer and pointing its own at it, in a few instructions of known length, so one description
// serves every function and trampoline of a target. It is exact from the first instruction on, save for the last one, the return, where the frame
// pointer is the caller's again.

import type { FrameFacts } from '../contract/platform.ts';
import { ByteWriter } from './bytes.ts';

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
export function callFrameInfo(frame: FrameFacts, ranges: readonly CodeRange[]): CallFrameInfo {
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
function common(writer: ByteWriter, frame: FrameFacts): void {
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
function prologue(writer: ByteWriter, frame: FrameFacts): void {
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
