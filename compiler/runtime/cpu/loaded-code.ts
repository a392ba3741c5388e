// An artifact in executable memory, and what a pc in it means.

import type { Artifact } from '../../contract/artifact.ts';
import { libcallNameOf } from '../../contract/libcalls.ts';
import type { CodePlace, LoadedCode } from '../../contract/processor.ts';
import { bug } from '../../base/errors.ts';
import type { CodeBlock } from './code-memory.ts';

export interface TrapPlace {
  readonly trap: number;
  /** Wasm byte offset. */
  readonly origin: number;
}

export class NativeCode implements LoadedCode {
  readonly artifact: Artifact;
  readonly block: CodeBlock;
  private readonly unload: (code: NativeCode) => void;
  private readonly starts: Int32Array;

  constructor(artifact: Artifact, block: CodeBlock, unload: (code: NativeCode) => void) {
    this.artifact = artifact;
    this.block = block;
    this.unload = unload;
    this.starts = new Int32Array(artifact.manifest.functions.length).fill(-1);
    for (const { index, start } of artifact.functions) this.starts[index] = start;
  }

  functionAddress(index: number): number {
    const start = this.starts[index];
    return start === undefined || start < 0 ? bug('no code for this function', `function ${index}`) : this.block.address + start;
  }

  entryAddress(signature: number): number {
    return this.block.address + (this.artifact.entryTrampolines[signature] ?? bug('no entry for this signature', `signature ${signature}`));
  }

  hostTrampoline(signature: number): number {
    return this.block.address + (this.artifact.hostTrampolines[signature] ?? bug('no host trampoline for this signature', `signature ${signature}`));
  }

  libcallTrampoline(number: number): number {
    const name = libcallNameOf(number) ?? bug('no such library call', `number ${number}`);
    return this.block.address + this.artifact.libcallTrampolines[name];
  }

  get trapExit(): number {
    return this.block.address + this.artifact.trapExit;
  }

  get trapExitAfterSignal(): number {
    return this.block.address + this.artifact.trapExitAfterSignal;
  }

  contains(pc: number): boolean {
    // A return address may lie just past the last instruction.
    return pc >= this.block.address && pc <= this.block.address + this.artifact.code.length;
  }

  /** What the trap table says of exactly this pc. */
  maybeTrapAt(pc: number): TrapPlace | undefined {
    const { traps } = this.artifact;
    const offset = pc - this.block.address;
    let low = 0;
    let high = traps.pc.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = traps.pc[middle] ?? -1;
      if (at === offset) return { trap: traps.code[middle] ?? 0, origin: traps.origin[middle] ?? -1 };
      if (at < offset) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** Index of the function whose code a pc lies in. */
  maybeFunctionAt(pc: number): number | undefined {
    const offset = pc - this.block.address;
    return this.artifact.functions.find(({ start, end }) => offset >= start && offset < end)?.index;
  }

  /** Where a pc of this code lies. */
  placeOf(pc: number): CodePlace {
    return { func: this.maybeFunctionAt(pc), codeOffset: pc - this.block.address };
  }

  release(): void {
    this.unload(this);
  }
}
