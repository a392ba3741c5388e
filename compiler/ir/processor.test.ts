// The evaluator as a processor: host calls, traps, faults, limits.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Artifact, Signature } from '../contract/artifact.ts';
import type { DataRegion, HostHandler, LoadedCode } from '../contract/processor.ts';
import { libcalls } from '../contract/libcalls.ts';
import { trapCodes } from '../contract/traps.ts';
import { hostContext, storeContext, vmctxHeader } from '../contract/vmctx.ts';
import { parseFunctions } from './parse.ts';
import { EvaluatedProcessor } from './processor.ts';

const text = `function f1(i32) -> i32 {
    sig0 = (i32) -> i32
block0(v0: i32):
    v1 = vmctx.i64
    v2 = load.i64 vmctx readonly v1+48
    v3 = load.i64 vmctx readonly v1+56
    v4 = call_indirect sig0, v2, v3(v0) @0x30
    return v4
}
function f2(i32) -> i32 {
block0(v0: i32):
    v1 = iconst.i32 3
    v2 = libcall memoryGrow(v0, v1)
    return v2
}
function f3(i32) -> i32 {
    sig0 = (i32) -> i32
    fn3 = sig0
block0(v0: i32):
    stack_check @0x40
    v1 = call fn3(v0)
    return v1
}
function f4(i32) -> i32 {
block0(v0: i32):
    v1 = vmctx.i64
    v2 = uextend.i64 v0
    v3 = load.i64 vmctx readonly v1+64
    v4 = iadd v3, v2
    v5 = load.i32 memory trap=outOfBoundsMemoryAccess v4+4 @0x50
    return v5
}
function f5(i32) -> i32 {
block0(v0: i32):
    jump block1
block1:
    jump block1
}
`;
const signatures: readonly Signature[] = [{ params: ['i32'], results: ['i32'] }];
const nothing = new Int32Array(0);
const artifact: Artifact = {
  target: 'x86-64',
  features: [],
    bounds: 'guard',
  manifest: {
    types: [], imports: [], functions: [], tables: [], tableInits: [], memories: [], globals: [], globalInits: [], exports: [], start: undefined,
    elements: [], data: [], importedFunctions: 1, importedTables: 0, importedMemories: 0, importedGlobals: 0,
  },
  code: new Uint8Array(0),
  functions: [],
  traps: { pc: nothing, code: new Uint8Array(0), origin: nothing },
  origins: { pc: nothing, origin: nothing },
  signatures,
  typeSignatures: [0],
  entryTrampolines: nothing,
  hostTrampolines: nothing,
  libcallTrampolines: Object.fromEntries(Object.keys(libcalls).map((name) => [name, 0])) as Artifact['libcallTrampolines'],
  trapExit: 0,
  trapExitAfterSignal: 0,
};

let processor: EvaluatedProcessor;
let code: LoadedCode;
let vmctx: DataRegion;
let store: DataRegion;
let block: DataRegion;
let context: DataRegion;

const write = (region: DataRegion, offset: number, value: number): void => new DataView(region.bytes.buffer).setBigUint64(offset, BigInt(value), true);

function open(handler: HostHandler): void {
  processor.openStore(store, handler);
}
function call(index: number, argument: number) {
  new DataView(block.bytes.buffer).setInt32(0, argument, true);
  const end = processor.call(code.entryAddress(0), code.functionAddress(index), vmctx.address, block);
  return end.end === 'returned' ? new DataView(block.bytes.buffer).getInt32(0, true) : end;
}

beforeEach(() => {
  processor = new EvaluatedProcessor({ functionsOf: () => parseFunctions(text).map(({ f }) => f), fuel: 100_000 });
  code = processor.load(artifact);
  store = processor.allocate(storeContext.size);
  vmctx = processor.allocate(256);
  block = processor.allocate(64);
  context = processor.allocate(hostContext.size);
  write(vmctx, vmctxHeader.store, store.address);
  write(context, hostContext.store, store.address);
  write(vmctx, 48, code.hostTrampoline(0));
  write(vmctx, 56, context.address);
});

describe('the evaluated processor', () => {
  it('lets code call the host, which sees context and parameters, and may call back', () => {
    const seen: number[] = [];
    open((from, arguments_, number) => {
      const view = new DataView(arguments_.bytes.buffer);
      const argument = view.getInt32(0, true);
      seen.push(from - context.address, number, argument);
      if (argument > 0) {
        expect(call(1, argument - 1)).toBe(100 + argument - 1);
        view.setInt32(0, 100 + argument, true);
      } else view.setInt32(0, 100, true);
      return true;
    });
    expect(call(1, 3)).toBe(103);
    expect(seen).toEqual([0, -1, 3, 0, -1, 2, 0, -1, 1, 0, -1, 0]);
  });

  it('hands library calls over with the caller’s vmctx', () => {
    open((from, arguments_, number) => {
      const view = new DataView(arguments_.bytes.buffer);
      expect([from, number, view.getInt32(0, true), view.getInt32(16, true)]).toEqual([vmctx.address, libcalls.memoryGrow.number, 7, 3]);
      view.setInt32(0, -1, true);
      return true;
    });
    expect(call(2, 7)).toBe(-1);
  });

  it('reports what the host left in the store context when it failed', () => {
    open(() => {
      write(store, storeContext.hostTrap, trapCodes.hostError);
      return false;
    });
    expect(call(1, 1)).toEqual({ end: 'trapped', trap: trapCodes.hostError, origin: 0x30, address: undefined });
  });

  it('overflows the stack by frames, and by host calls that call back', () => {
    open((_, arguments_) => {
      const end = processor.call(code.entryAddress(0), code.functionAddress(1), vmctx.address, arguments_);
      if (end.end === 'trapped') write(store, storeContext.hostTrap, end.trap);
      return end.end === 'returned';
    });
    expect(call(3, 1)).toEqual({ end: 'trapped', trap: trapCodes.stackOverflow, origin: 0x40, address: undefined });
    expect(call(1, 1)).toMatchObject({ end: 'trapped', trap: trapCodes.stackOverflow });
    expect(call(2, 1)).toMatchObject({ end: 'trapped' });
  });

  it('ends endless loops', () => expect(call(5, 0)).toMatchObject({ end: 'trapped', trap: trapCodes.outOfFuel }));

  it('faults beyond what a reservation has committed', () => {
    const memory = processor.reserve(2 ** 33 + 65536);
    write(vmctx, 64, memory.address);
    expect(memory.commit(65536)).toBe(true);
    const old = memory.bytes;
    old[65532] = 0x2a;
    expect(call(4, 65528)).toBe(0x2a);
    expect(call(4, 65529)).toEqual({ end: 'trapped', trap: trapCodes.outOfBoundsMemoryAccess, origin: 0x50, address: memory.address + 65533 });
    expect(call(4, -1)).toMatchObject({ end: 'trapped', address: memory.address + 2 ** 32 + 3 });
    expect(memory.commit(131072)).toBe(true);
    old[0] = 1;
    expect([memory.committed, memory.bytes[0], call(4, 65529)]).toEqual([131072, 1, 0]);
    expect(memory.commit(2 ** 33)).toBe(false);
    memory.release();
    expect(call(4, 0)).toMatchObject({ end: 'trapped', address: memory.address + 4 });
  });

  it('calls host code and nothing else from the host', () => {
    open((_, arguments_) => {
      arguments_.bytes[0] = 9;
      return true;
    });
    expect(processor.call(code.entryAddress(0), code.hostTrampoline(0), context.address, block)).toEqual({ end: 'returned' });
    expect(block.bytes[0]).toBe(9);
    expect(() => processor.call(code.entryAddress(0), vmctx.address, vmctx.address, block)).toThrow('which is no code');
    expect(() => code.functionAddress(0)).toThrow('function 0 has no IR');
    code.release();
    expect(() => call(1, 1)).toThrow('is no code');
  });
});
