// A command-line program that Emscripten made, run many times in one thread without a process each.
//
// The program's script is compiled once and called anew for each run with names of its own in place of the global ones: arguments, a `process` whose exit code says
// that it has ended, a file system whose standard streams are caught, and a `WebAssembly` that compiles its binary once and for all.
// Source: what the scripts in `wabt/bin` and `binaryen/bin` do when loaded.

import * as realFs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

export interface ProgramRun {
  /** Standard output and standard error, as they were written. */
  readonly output: string;
  readonly exitCode: number;
}

export type Program = (args: readonly string[]) => Promise<ProgramRun>;

type Imports = ConstructorParameters<typeof WebAssembly.Instance>[1];
type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

function isView(data: unknown): data is Uint8Array {
  return ArrayBuffer.isView(data);
}

/** The program at a path, as a function of its arguments. */
export function openProgram(path: string): Program {
  const source = realFs.readFileSync(path, 'utf8').replace(/^#!.*\n/, '\n');
  const script: unknown = compileFunction(source, ['Module', 'require', 'module', 'process', '__filename', '__dirname', 'WebAssembly'], { filename: path });
  if (typeof script !== 'function') throw new TypeError(`${path} is no script`);
  const load = createRequire(path);
  let binary: WebAssembly.Module | undefined;
  const webAssembly: object = Object.create(WebAssembly, {
    instantiate: {
      value: (bytes: Uint8Array<ArrayBuffer>, imports: Imports) => {
        binary = new WebAssembly.Module(bytes);
        return Promise.resolve({ module: binary, instance: new WebAssembly.Instance(binary, imports) });
      },
    },
  });
  return (args) => new Promise((resolve) => {
    let output = '';
    const writeSync = (descriptor: number, data: unknown, offset = 0, length?: number, position?: number | null): number => {
      if (!isView(data)) throw new TypeError('a program wrote something that is no bytes');
      if (descriptor !== 1 && descriptor !== 2) return realFs.writeSync(descriptor, data, offset, length, position);
      const end = length === undefined ? data.length : offset + length;
      output += Buffer.from(data.subarray(offset, end)).toString('utf8');
      return end - offset;
    };
    const fs: object = Object.create(realFs, { writeSync: { value: writeSync } });
    const end = (exitCode: number): void => {
      setImmediate(() => resolve({ output, exitCode }));
    };
    const fakeProcess: object = Object.create(process, {
      argv: { value: ['node', path, ...args] },
      on: { value: () => undefined },
      exitCode: { get: () => undefined, set: (status: unknown) => { if (typeof status === 'number') end(status); } },
    });
    const known = binary;
    const module = {
      arguments: [...args],
      print: (line: string) => { output += `${line}\n`; },
      printErr: (line: string) => { output += `${line}\n`; },
      ...(known === undefined ? {} : { instantiateWasm: (imports: Imports, receive: Receive) => {
        const instance = new WebAssembly.Instance(known, imports);
        receive(instance, known);
        return instance.exports;
      } }),
    };
    const require = (name: string): unknown => (name === 'fs' || name === 'node:fs' ? fs : load(name));
    script(module, require, { exports: {} }, fakeProcess, path, dirname(path), webAssembly);
  });
}
