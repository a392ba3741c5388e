// What it costs to cross between JavaScript and compiled code, and to make and drop instances: this CPU beside V8 in one process.
// Run by itself: `node scripts/bench/crossings.ts`. Prints the minimum and the median of nine rounds, in nanoseconds of elapsed time.

import { callFunction, compile, LoadedModule, Store, threadCpu, whyNoCpu } from '../../compiler/index.ts';
import type { RuntimeFunction } from '../../compiler/index.ts';
import { parseText } from '../../fuzz/wast/text.ts';
import { print } from '../frame.ts';

const text = `(module (import "m" "h" (func $h (param i32) (result i32))) (memory 1) (table 4 funcref) (global (mut i32) (i32.const 0)) (elem (i32.const 0) $add)
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "unreachable") unreachable)
  (func (export "host") (param i32) (result i32) (local i32)
    (loop (local.set 1 (call $h (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`;

const rounds = 9;
const hostCalls = 1000;
const beyond = 1 << 20;

function measure(what: string, times: number, perTime: number, body: () => void): void {
  for (let i = 0; i < times / 4; i++) body();
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) body();
    found.push(Number(process.hrtime.bigint() - start) / times / perTime);
  }
  found.sort((a, b) => a - b);
  const column = (value: number | undefined): string => (value ?? 0).toFixed(0).padStart(8);
  print(`${what.padEnd(46)}${column(found[0])}${column(found[rounds >> 1])}`);
}

const successor = (x: number): number => x + 1;

function measureOurs(bytes: Uint8Array): void {
  const cpu = threadCpu();
  const compiled = compile(bytes);
  if (!compiled.ok) throw new Error(compiled.fault.message);
  const { artifact } = compiled;
  const module = new LoadedModule(cpu, artifact);
  const type = { params: ['i32'], results: ['i32'] } as const;
  const hostOf = (store: Store): RuntimeFunction => store.newHostFunction(type, (slots, start) => slots.setI32(start, successor(slots.i32(start))));
  const store = new Store(cpu);
  const made = store.instantiate(module, () => hostOf(store));
  if (made.kind !== 'instance') throw new Error(made.kind);
  const exported = (name: string): RuntimeFunction => {
    const index = artifact.manifest.exports.find((entry) => entry.name === name)?.index ?? -1;
    return made.instance.function(index);
  };
  const [add, load, stop, host] = ['add', 'load', 'unreachable', 'host'].map(exported);
  if (add === undefined || load === undefined || stop === undefined || host === undefined) throw new Error('an export is missing');
  const block = store.openBlock(2);
  const enter = (callee: RuntimeFunction, first: number): void => {
    block.slots.setI32(block.start, first);
    store.enter(callee, block);
  };
  measure('ours: call', 200_000, 1, () => enter(add, 1));
  measure('ours: call through values', 100_000, 1, () => callFunction(store, add, [1, 2]));
  measure('ours: host call from compiled code', 100, hostCalls, () => enter(host, hostCalls));
  measure('ours: trap by guard page', 20_000, 1, () => enter(load, beyond));
  measure('ours: trap by unreachable', 50_000, 1, () => enter(stop, 0));
  store.closeBlock();
  measure('ours: store, instance, dispose', 2000, 1, () => {
    const fresh = new Store(cpu);
    fresh.instantiate(module, () => hostOf(fresh));
    fresh.dispose();
  });
  measure('ours: the same with loading and unloading', 2000, 1, () => {
    const again = new LoadedModule(cpu, artifact);
    const fresh = new Store(cpu);
    fresh.instantiate(again, () => hostOf(fresh));
    fresh.dispose();
    again.release();
  });
}

function measureV8(bytes: Uint8Array): void {
  const module = new WebAssembly.Module(bytes);
  const imports = { m: { h: successor } };
  const { exports } = new WebAssembly.Instance(module, imports);
  const exported = (name: string): ((...args: number[]) => number) => exports[name] as (...args: number[]) => number;
  const [add, load, stop, host] = [exported('add'), exported('load'), exported('unreachable'), exported('host')];
  const trapped = (call: () => number): void => {
    try {
      call();
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    }
  };
  measure('V8: call', 1_000_000, 1, () => add(1, 2));
  measure('V8: host call from compiled code', 100, hostCalls, () => host(hostCalls));
  measure('V8: trap by guard page', 20_000, 1, () => trapped(() => load(beyond)));
  measure('V8: trap by unreachable', 20_000, 1, () => trapped(() => stop()));
  measure('V8: instance', 2000, 1, () => void new WebAssembly.Instance(module, imports));
}

const parsed = await parseText(text);
if (parsed.kind !== 'bytes') throw new Error(parsed.message);
print(`${'nanoseconds'.padEnd(46)}     min  median`);
const reason = whyNoCpu();
if (reason === undefined) measureOurs(parsed.bytes);
else print(`ours: ${reason}`);
measureV8(parsed.bytes);
