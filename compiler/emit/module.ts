// Puts the functions of a module one behind the other, adds the trampolines, and resolves calls between functions.
// Needs:  every function that is called is added. Leaves: the code, trap and origin parts of an artifact.
// The order of the functions is the order of adding, so equal input gives equal bytes.

import { bug } from '../base/errors.ts';
import type { Artifact, CompiledFunction, Signature } from '../contract/artifact.ts';
import { type LibcallName, libcallNameOf, libcalls } from '../contract/libcalls.ts';
import { CodeBuffer } from '../machine/code-buffer.ts';
import type { AllocatedCode } from '../machine/problem.ts';
import type { FunctionEmitter, Target } from '../machine/target.ts';
import { type EmittedFunction, emitFunction } from './function.ts';
import { placeStencil } from './stencils.ts';

/** The parts of an artifact that come from machine code. */
export type EmittedModule = Pick<
  Artifact,
  'code' | 'functions' | 'traps' | 'origins' | 'entryTrampolines' | 'hostTrampolines' | 'libcallTrampolines' | 'trapExit' | 'trapExitAfterSignal'
>;

function textOf({ params, results }: Signature): string {
  return `${params.join()}>${results.join()}`;
}

/** Collects the functions of one module. */
export class ModuleAssembler {
  private readonly target: Target;
  private readonly buffer = new CodeBuffer();
  private readonly emitter: FunctionEmitter;
  private readonly functions: CompiledFunction[] = [];

  constructor(target: Target) {
    this.target = target;
    this.emitter = target.createEmitter(this.buffer);
  }

  /** Emits a function; answers where it lies, in bytes from the start of the code. */
  add(code: AllocatedCode): EmittedFunction {
    const emitted = emitFunction(code, this.target, this.emitter, this.buffer);
    const { index, start, end, frameBytes } = emitted;
    this.functions.push({ index, start, end, frameBytes });
    return emitted;
  }
  /** Bytes of a function just added, calls not yet resolved; for dumps. */
  bytesOf(emitted: EmittedFunction): Uint8Array {
    return this.buffer.toBytes(emitted.start, emitted.end);
  }
  /** Puts other bytes in the place of a function just added; of the same length. */
  replaceBytes(emitted: EmittedFunction, bytes: Uint8Array): void {
    if (bytes.length !== emitted.end - emitted.start) bug('replaced code has another length', `function ${emitted.index}`);
    bytes.forEach((byte, i) => this.buffer.patch1(emitted.start + i, byte));
  }

  /** The trap sites of the functions added so far. */
  traps(): readonly { readonly pc: number; readonly code: number; readonly origin: number }[] {
    const { trapPc, trapCode, trapOrigin } = this.buffer;
    return Array.from({ length: trapPc.length }, (_, i) => ({ pc: trapPc.at(i), code: trapCode.at(i), origin: trapOrigin.at(i) }));
  }

  /** Adds trampolines for the signatures and resolves calls. The assembler is of no use afterwards. */
  finish(signatures: readonly Signature[]): EmittedModule {
    const { target, buffer } = this;
    const { trampolines } = target;
    const place = (key: string, make: () => number): number => placeStencil(buffer, target, key, make);
    buffer.recordOrigin(-1);
    buffer.align(target.functionAlignment, target.paddingByte);
    const { trapExit, trapExitAfterSignal } = trampolines.trapExit(buffer);
    const entryTrampolines = Int32Array.from(signatures, (signature) => place(`entry ${textOf(signature)}`, () => trampolines.entry(buffer, signature)));
    const hostTrampolines = Int32Array.from(signatures, (signature) => place(`host ${textOf(signature)}`, () => trampolines.host(buffer, signature)));
    const libcallTrampolines: [LibcallName, number][] = Object.values(libcalls).map((libcall) => {
      const name = libcallNameOf(libcall.number) ?? bug(`no library call ${libcall.number}`);
      return [name, place(name, () => trampolines.libcall(buffer, libcall, libcall.number))];
    });
    this.resolveCalls();
    return {
      code: buffer.toBytes(),
      functions: this.functions,
      traps: {
        pc: buffer.trapPc.toArray(),
        code: Uint8Array.from(buffer.trapCode.toArray()),
        origin: buffer.trapOrigin.toArray(),
      },
      origins: { pc: buffer.originPc.toArray(), origin: buffer.originValue.toArray() },
      entryTrampolines,
      hostTrampolines,
      libcallTrampolines: Object.fromEntries(libcallTrampolines) as Record<LibcallName, number>,
      trapExit,
      trapExitAfterSignal,
    };
  }

  private resolveCalls(): void {
    const { buffer, target } = this;
    const starts = new Map(this.functions.map((f) => [f.index, f.start]));
    for (let i = 0; i < buffer.relocationOffset.length; i++) {
      const func = buffer.relocationFunction.at(i);
      target.relocate(buffer, buffer.relocationOffset.at(i), starts.get(func) ?? bug(`call of function ${func}, which has no code`));
    }
  }
}
