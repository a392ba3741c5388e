// The processor of this CPU, with code from assembly text: calls, traps, faults that are none, host calls, reuse.

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionType, Manifest } from '../../contract/manifest.ts';
import type { Processor } from '../../contract/processor.ts';
import { layoutVmctx, memoryEntry, functionEntry } from '../../contract/vmctx.ts';
import { UnknownFault } from '../faults.ts';
import type { Instance } from '../instance.ts';
import type { RuntimeFunction } from '../externs.ts';
import { LoadedModule } from '../module.ts';
import { Store } from '../store.ts';
import { callFunction, hostCallOf } from '../values.ts';
import { assembledArtifact, emptyManifest, type AssembledFunction } from './assembled-artifact.ts';
import { openCpu, whyNoCpu } from './cpu.ts';

const unary: FunctionType = { params: ['i32'], results: ['i32'] };

/** One memory of one page to three, one imported function `m.f`, and functions `f0`, `f1`, … of type i32 → i32. */
function manifestOf(count: number): Manifest & { importedTypes: readonly number[] } {
  return {
    ...emptyManifest,
    types: [unary],
    imports: [{ module: 'm', name: 'f', type: { kind: 'function', type: 0 } }],
    importedTypes: [0],
    importedFunctions: 1,
    memories: [{ min: 1, max: 3 }],
    exports: Array.from({ length: count }, (_, i) => ({ name: `f${i}`, kind: 'function' as const, index: i + 1 })),
  };
}

const layout = layoutVmctx({ types: 1, memories: 1, tables: 0, importedGlobals: 0, definedGlobals: 0, importedFunctions: 1, functions: 10 });
const memoryBase = `qword ptr [r15 + ${layout.memory(0) + memoryEntry.base}]`;

const functions: AssembledFunction[] = [
  // f0: adds one.
  { type: 0, lines: ['mov eax, dword ptr [rbx]', 'add eax, 1', 'mov dword ptr [rbx], eax', 'ret'] },
  // f1: loads from memory at the parameter.
  { type: 0, lines: [`mov rcx, ${memoryBase}`, 'mov eax, dword ptr [rbx]', 'trap.outOfBoundsMemoryAccess:', 'mov eax, dword ptr [rcx + rax*1]', 'mov dword ptr [rbx], eax', 'ret'] },
  // f2: an explicit trap.
  { type: 0, lines: ['sub rsp, 8', 'call qword ptr [r15 + 24]', 'trap.unreachable:', 'ud2'] },
  // f3: loads like f1, but the trap table does not know.
  { type: 0, lines: [`mov rcx, ${memoryBase}`, 'mov eax, dword ptr [rbx]', 'mov eax, dword ptr [rcx + rax*1]', 'ret'] },
  // f4: faults where a trap may be, at an address that is no memory's.
  { type: 0, lines: ['mov eax, dword ptr [rbx]', 'trap.outOfBoundsMemoryAccess.wild:', 'mov eax, dword ptr [rax]', 'ret'] },
  // f5: calls the imported function and adds ten to its answer.
  {
    type: 0,
    lines: [
      'push r15', 'mov rax, r15', `mov r15, qword ptr [rax + ${layout.importedFunction(0) + functionEntry.vmctx}]`,
      `call qword ptr [rax + ${layout.importedFunction(0) + functionEntry.code}]`, 'pop r15',
      'mov eax, dword ptr [rbx]', 'add eax, 10', 'mov dword ptr [rbx], eax', 'ret',
    ],
  },
  // f6: grows memory 0 by the parameter, through the library call; its other parameter is the memory's index.
  {
    type: 0,
    lines: ['mov eax, dword ptr [rbx]', 'mov dword ptr [rbx + 16], eax', 'mov dword ptr [rbx], 0', 'push r15', `call qword ptr [r15 + ${layout.libcall(0)}]`, 'pop r15', 'ret'],
  },
  // f7: runs off its stack without ever asking for the limit.
  { type: 0, lines: ['again:', 'push rax', 'jmp @again'] },
  // f8: goes where the first word of memory says.
  { type: 0, lines: [`mov rcx, ${memoryBase}`, 'jmp qword ptr [rcx]'] },
];

const reason = whyNoCpu();

describe('this CPU', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  let opened: { readonly cpu: Processor; readonly module: LoadedModule } | undefined;
  function open(): { readonly cpu: Processor; readonly module: LoadedModule } {
    if (opened === undefined) {
      const cpu = openCpu();
      opened = { cpu, module: new LoadedModule(cpu, assembledArtifact(manifestOf(functions.length), functions)) };
    }
    return opened;
  }
  afterAll(() => opened?.cpu.dispose());

  function withStore<Result>(body: (store: Store, instance: Instance, call: (name: string, arg: number) => ReturnType<typeof callFunction>) => Result, host: (args: readonly unknown[]) => readonly unknown[] = (args) => args): Result {
    const { cpu, module } = open();
    const store = new Store(cpu);
    try {
      const made = store.instantiate(module, () => store.newHostFunction(unary, hostCallOf(store, unary, (args) => host(args))));
      if (made.kind !== 'instance') throw new Error(JSON.stringify(made));
      const { instance } = made;
      const exported = (name: string): RuntimeFunction => instance.function(Number(name.slice(1)) + 1);
      return body(store, instance, (name, arg) => callFunction(store, exported(name), [arg]));
    } finally {
      store.dispose();
    }
  }

  it('calls code and takes its answer', () => {
    withStore((_store, _instance, call) => {
      expect(call('f0', 41)).toEqual({ outcome: { kind: 'returned' }, results: [42] });
      expect(call('f0', -1)).toEqual({ outcome: { kind: 'returned' }, results: [0] });
    });
  });

  it('turns faults at known places into traps, again and again', () => {
    withStore((_store, instance, call) => {
      instance.memory(0).bytes[8] = 7;
      for (let i = 0; i < 1000; i++) {
        expect(call('f1', 8).results).toEqual([7]);
        expect(call('f1', 65536).outcome).toMatchObject({ kind: 'trap', trap: 'outOfBoundsMemoryAccess', address: instance.memory(0).base + 65536 });
        expect(call('f1', -1).outcome).toMatchObject({ kind: 'trap', trap: 'outOfBoundsMemoryAccess' });
      }
      expect(call('f2', 0).outcome).toMatchObject({ kind: 'trap', trap: 'unreachable', address: undefined });
    });
  });

  it('reports faults that are no traps', () => {
    withStore((_store, instance, call) => {
      expect(() => call('f3', 65536)).toThrow(UnknownFault);
      expect(() => call('f3', 65536)).toThrow(/no trap can be.*function 4/);
      expect(() => call('f4', 4096)).toThrow(/outside the memories of its store.*function 5/);
      expect(() => call('f7', 0)).toThrow(/ran off its stack/);
      expect(call('f0', 1).results).toEqual([2]);
      expect(instance.memory(0).pages).toBe(1);
    });
  });

  it('stops who enters freed code', () => {
    withStore((_store, instance, call) => {
      const code = open().cpu.load(assembledArtifact(manifestOf(functions.length), functions));
      new BigUint64Array(instance.memory(0).bytes.buffer, instance.memory(0).bytes.byteOffset, 1)[0] = BigInt(code.functionAddress(1));
      expect(call('f8', 41).results).toEqual([42]);
      code.release();
      expect(() => call('f8', 41)).toThrow(UnknownFault);
      expect(call('f0', 41).results).toEqual([42]);
    });
  });

  it('leaves faults of V8 to V8', () => {
    const wasm = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11,
    ])));
    const load = wasm.exports['f'] as (at: number) => number;
    withStore((_store, _instance, call) => {
      for (let i = 0; i < 200; i++) {
        expect(() => load(1 << 20)).toThrow(WebAssembly.RuntimeError);
        expect(call('f1', 1 << 20).outcome.kind).toBe('trap');
        expect(load(0)).toBe(0);
      }
    });
  });

  it('calls the host and grows memory on its behalf', () => {
    withStore((_store, instance, call) => {
      expect(call('f5', 5).results).toEqual([20]);
      expect(call('f6', 1).results).toEqual([1]);
      expect(instance.memory(0).pages).toBe(2);
      expect(call('f1', 65536).results).toEqual([0]);
      expect(call('f1', 131072).outcome.kind).toBe('trap');
      expect(call('f6', 2).results).toEqual([-1]);
      expect(call('f6', 1).results).toEqual([2]);
    }, ([x]) => [Number(x) * 2]);
  });

  it('carries the very error of a host function through nested calls', () => {
    const failure = new Error('of the host');
    let depth = 0;
    let inner: ((name: string, arg: number) => ReturnType<typeof callFunction>) | undefined;
    withStore((_store, _instance, call) => {
      inner = call;
      let caught: unknown;
      try {
        call('f5', 3);
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(failure);
      expect(depth).toBe(4);
      expect(call('f0', 1).results).toEqual([2]);
    }, ([x]) => {
      depth++;
      expect(inner?.('f1', -4).outcome.kind).toBe('trap');
      if (x === 0) throw failure;
      return inner?.('f5', Number(x) - 1).results ?? [];
    });
  });

  it('ends endless recursion through the host as exhaustion', () => {
    let inner: ((name: string, arg: number) => ReturnType<typeof callFunction>) | undefined;
    const kinds = new Set<string>();
    withStore((_store, _instance, call) => {
      inner = call;
      const ended = ((): string => {
        try {
          return call('f5', 1).outcome.kind;
        } catch (error) {
          return error instanceof RangeError ? 'exhaustion' : String(error);
        }
      })();
      expect(ended).toBe('exhaustion');
      expect(call('f0', 1).results).toEqual([2]);
    }, ([x]) => {
      const { outcome, results } = inner?.('f5', Number(x)) ?? { outcome: { kind: 'none' }, results: [] };
      kinds.add(outcome.kind);
      if (outcome.kind === 'exhaustion') throw new RangeError('passed on');
      return results;
    });
  });

  it('gives every store zeroed memory of exactly its size', () => {
    withStore((_store, instance, call) => {
      expect(call('f6', 2).results).toEqual([1]);
      instance.memory(0).bytes.fill(0xff);
    });
    for (let i = 0; i < 3; i++) {
      withStore((_store, instance, call) => {
        expect(instance.memory(0).bytes.every((byte) => byte === 0)).toBe(true);
        expect(instance.memory(0).bytes.length).toBe(65536);
        expect(call('f1', 65536).outcome.kind).toBe('trap');
        instance.memory(0).bytes.fill(i + 1);
      });
    }
  });

  it('keeps hundreds of stores alive side by side', () => {
    const { cpu, module } = open();
    const stores = Array.from({ length: 300 }, (_, i) => {
      const store = new Store(cpu);
      const made = store.instantiate(module, () => store.newHostFunction(unary, hostCallOf(store, unary, () => [i])));
      if (made.kind !== 'instance') throw new Error(made.kind);
      made.instance.memory(0).bytes[0] = i & 0xff;
      return { store, instance: made.instance };
    });
    stores.forEach(({ store, instance }, i) => {
      expect(callFunction(store, instance.function(6), [i]).results).toEqual([i + 10]);
      expect(callFunction(store, instance.function(2), [0]).results).toEqual([i & 0xff]);
      expect(callFunction(store, instance.function(2), [65536]).outcome.kind).toBe('trap');
    });
    for (const { store } of stores) store.dispose();
  });

  it('makes thousands of stores', () => {
    for (let i = 0; i < 5000; i++) withStore((_store, _instance, call) => expect(call('f0', i).results[0]).toBe(i + 1));
  });
});

it('says why there is no native code where there is none', () => {
  expect(whyNoCpu('darwin', 'x64')).toMatch(/needs Linux; this is darwin/);
  expect(whyNoCpu('linux', 'arm64')).toMatch(/needs x86-64; this is arm64/);
});
