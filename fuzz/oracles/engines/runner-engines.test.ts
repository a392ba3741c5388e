// What a runner can suffer costs one verdict each: a kill at any moment, a wild jump, an endless loop, a full stack, a spoiled control page.
// No runner outlives its driver.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type CallOutcome, type CallResult, compile, LoadedModule, openRunner, type Runner, RunnerLost, Store, UnknownFault, whyNoRunner } from '../../../compiler/index.ts';
import { targetNames, zoneAddress } from '../../../compiler/inside.ts';
import { parseText } from '../../wast/text.ts';
import { usableFeatures } from './compiled-engines.ts';
import { runnerEngine } from './runner-engines.ts';

const targets = targetNames.filter((target) => whyNoRunner(target) === undefined);

const program = `
  (import "" "host" (func $host (param i32) (result i32)))
  (memory 1)
  (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "endless") (param i32) (result i32) (loop $l (br $l)) (i32.const 0))
  (func $recurse (export "recurse") (param i32) (result i32) (i32.add (call $recurse (local.get 0)) (i32.const 1)))
  (func (export "callHost") (param i32) (result i32) (call $host (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "spoil") (param i32) (result i32) (i32.store (local.get 0) (i32.const 77)) (loop $l (br $l)) (i32.const 0))
  (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))`;
const names = ['add', 'endless', 'recurse', 'callHost', 'load', 'spoil', 'divide'] as const;

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

const bytes = await bytesOf(program);
const open: Runner[] = [];

/** The program in a runner of its own. */
function started(target: (typeof targets)[number], timeout = 20_000) {
  const result = compile(bytes, { target, check: true, features: usableFeatures(target) });
  if (!result.ok) throw new Error(result.fault.message);
  const runner = openRunner(target, { timeout });
  open.push(runner);
  const store = new Store(runner);
  const module = new LoadedModule(runner, result.artifact);
  let host = (value: number): number => value;
  const made = store.newHostFunction({ params: ['i32'], results: ['i32'] }, (slots, at) => slots.setI32(at, host(slots.i32(at))));
  const answer = store.instantiate(module, () => made);
  if (answer.kind !== 'instance') throw new Error(answer.kind);
  const { instance } = answer;
  const vmctx = runner.region(instance.vmctx);
  return {
    runner,
    store,
    setHost: (call: (value: number) => number) => (host = call),
    /** Puts the module's memory elsewhere. */
    moveMemory: (address: number) => new DataView(vmctx.buffer, vmctx.byteOffset).setBigUint64(module.layout.memory(0), BigInt(address), true),
    call: (name: (typeof names)[number], argument = 0): CallOutcome | number => {
      const block = store.openBlock(1);
      try {
        block.slots.setI32(block.start, argument);
        const outcome = store.enter(instance.function(names.indexOf(name) + 1), block);
        return outcome.kind === 'returned' ? block.slots.i32(block.start) : outcome;
      } finally {
        store.closeBlock();
      }
    },
    /** The same for several calls in one go. */
    callAll: (calls: readonly (readonly [name: (typeof names)[number], argument: number])[]): (CallResult | number)[] => {
      const prepared = calls.map(([name, argument]) => {
        const block = store.openBlock(1);
        block.slots.setI32(block.start, argument);
        return { callee: instance.function(names.indexOf(name) + 1), block };
      });
      try {
        return store.enterAll(prepared).map((result, i) => {
          const { slots, start } = prepared[i]?.block ?? { slots: undefined, start: 0 };
          return result.kind === 'returned' && slots !== undefined ? slots.i32(start) : result;
        });
      } finally {
        prepared.forEach(() => store.closeBlock());
      }
    },
    /** Calls code at any address with the instance's context. */
    jump: (address: number) => {
      const block = store.openBlock(1);
      try {
        return runner.call(module.code.entryAddress(module.signatureOfType(0)), address, instance.vmctx, block.region);
      } finally {
        store.closeBlock();
      }
    },
  };
}

function lossOf(action: () => unknown): RunnerLost {
  try {
    action();
  } catch (error) {
    if (error instanceof RunnerLost) return error;
    throw error;
  }
  throw new Error('the runner was not lost');
}

/** Processes that have ended but whom nobody has waited for do not count as alive. */
function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  try {
    return !/\) [ZX] /.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}

async function endsSoon(pid: number): Promise<boolean> {
  for (let i = 0; i < 200 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  return !isAlive(pid);
}

afterEach(async () => {
  for (const runner of open.splice(0)) {
    if (isAlive(runner.pid)) process.kill(runner.pid, 'SIGKILL');
    if (!(await endsSoon(runner.pid))) throw new Error(`runner ${runner.pid} outlives SIGKILL`);
  }
});

describe.each(targets)('a runner for %s', (target) => {
  it('calls, traps and calls the host', () => {
    const { call, setHost } = started(target);
    expect(call('add', 41)).toBe(42);
    expect(call('divide', 0)).toMatchObject({ kind: 'trap', trap: 'integerDivideByZero' });
    expect(call('load', -4)).toMatchObject({ kind: 'trap', trap: 'outOfBoundsMemoryAccess' });
    setHost((value) => value * 2);
    expect(call('callHost', 21)).toBe(42);
  });

  it('makes many calls in one go as it makes them one by one', () => {
    const { call, callAll, setHost } = started(target);
    setHost((value) => (value % 2 === 0 ? value * 2 : Number(callAll([['load', -4], ['add', value], ['callHost', value - 1]]).at(-1))));
    const kinds = [['add', 41], ['divide', 0], ['load', -4], ['load', 8], ['callHost', 21], ['divide', 7]] as const;
    // More than one command's worth.
    const calls = Array.from({ length: 150 }, (_, i) => kinds[(i * i) % kinds.length] ?? kinds[0]);
    const together = callAll(calls);
    expect(together).toEqual(calls.map(([name, argument]) => call(name, argument)));
    expect(together.filter((result) => typeof result === 'object' && result.kind === 'trap').length).toBeGreaterThan(20);
  });

  it('calls nothing after a call that the host ended, or that exhausted something', () => {
    const { call, callAll, setHost } = started(target, 400);
    const seen: number[] = [];
    const refusal = new Error('not today');
    setHost((value) => {
      seen.push(value);
      if (value === 2) throw refusal;
      return value;
    });
    expect(callAll([['callHost', 1], ['add', 1], ['callHost', 2], ['callHost', 3]])).toEqual([1, 2, { kind: 'threw', error: refusal }]);
    expect(seen).toEqual([1, 2]);
    expect(callAll([['callHost', 5], ['recurse', 1], ['add', 1]])).toEqual([5, { kind: 'exhaustion', what: 'stack' }]);
    expect(call('add', 1)).toBe(2);
    // An endless loop costs the runner; what came before is known.
    expect(callAll([['add', 1], ['divide', 0], ['endless', 0], ['add', 1]])).toMatchObject([2, { kind: 'trap' }, { kind: 'exhaustion', what: 'fuel' }]);
    expect(callAll([['add', 1], ['add', 2]])).toEqual([{ kind: 'exhaustion', what: 'fuel' }]);
  });

  it('keeps apart what is loaded without a call between, more than a batch and a staging area hold', async () => {
    const runner = openRunner(target);
    open.push(runner);
    const store = new Store(runner);
    const tables = [1, 55_000, ...Array.from({ length: 70 }, () => 1)];
    const loaded = await Promise.all(tables.map(async (cases, i) => {
      // A function of many different constants is long.
      const steps = Array.from({ length: cases }, (_, step) => `(local.set 0 (i64.xor (i64.mul (local.get 0) (i64.const ${step + 3})) (i64.const ${2 ** 40 + step})))`);
      const text = `(func (export "f") (result i32) (i32.const ${i})) (func (export "long") (param i64) (result i64) ${steps.join(' ')} (local.get 0))`;
      const result = compile(await bytesOf(text), { target, opt: 'none', features: usableFeatures(target) });
      if (!result.ok) throw new Error(result.fault.message);
      return { bytes: result.artifact.code.length, module: new LoadedModule(runner, result.artifact) };
    }));
    expect(Math.max(...loaded.map(({ bytes: length }) => length))).toBeGreaterThan(2 ** 20);
    loaded.forEach(({ module }, i) => {
      const made = store.instantiate(module, () => undefined);
      if (made.kind !== 'instance') throw new Error(made.kind);
      const block = store.openBlock(1);
      expect(store.enter(made.instance.function(0), block)).toEqual({ kind: 'returned' });
      expect(block.slots.i32(block.start)).toBe(i);
      store.closeBlock();
    });
  });

  it('nests calls through the host, up to exhaustion', () => {
    const { call, setHost } = started(target);
    setHost((value) => (value === 0 ? 1 : Number(call('callHost', value - 1)) + 1));
    expect(call('callHost', 100)).toBe(101);
    // Without an end: each level's exhaustion is the outcome of the call around it.
    let depth = 0;
    setHost((value) => {
      depth++;
      const outcome = call('callHost', value);
      return typeof outcome === 'number' ? outcome : -1;
    });
    expect(call('callHost', 1)).toBe(-1);
    expect(depth).toBeGreaterThan(100);
    expect(call('add', 1)).toBe(2);
  });

  it('gives the error of a host function to the caller and goes on', () => {
    const { call, setHost } = started(target);
    const error = new Error('of the host');
    setHost(() => {
      throw error;
    });
    expect(() => call('callHost')).toThrow(error);
    expect(call('add', 1)).toBe(2);
  });

  it('survives a full stack', () => {
    const { call } = started(target);
    for (let i = 0; i < 3; i++) expect(call('recurse')).toEqual({ kind: 'exhaustion', what: 'stack' });
    expect(call('add', 1)).toBe(2);
  });

  it('ends an endless loop as exhaustion', async () => {
    const { call, runner } = started(target, 1000);
    expect(call('add', 1)).toBe(2);
    expect(call('endless')).toEqual({ kind: 'exhaustion', what: 'fuel' });
    expect(runner.lost?.reason).toBe('timeout');
    expect(call('add', 1)).toEqual({ kind: 'exhaustion', what: 'fuel' });
    if (!(await endsSoon(runner.pid))) throw new Error(`runner ${runner.pid} outlives SIGKILL`);
  });

  it('notices that it was killed between calls', () => {
    const { call, runner } = started(target);
    expect(call('add', 1)).toBe(2);
    process.kill(runner.pid, 'SIGKILL');
    expect(lossOf(() => call('add', 1)).message).toContain('signal 9');
    expect(lossOf(() => call('add', 1)).reason).toBe('ended');
  });

  it('notices that it was killed while it runs', () => {
    const { call, runner } = started(target);
    const killer = spawn('/bin/sh', ['-c', `sleep 0.2; kill -9 ${runner.pid}`], { stdio: 'ignore' });
    expect(lossOf(() => call('endless')).reason).toBe('ended');
    killer.unref();
  });

  it('notices that it was killed during a host call', () => {
    const { call, runner, setHost } = started(target);
    setHost((value) => {
      process.kill(runner.pid, 'SIGKILL');
      return value;
    });
    expect(lossOf(() => call('callHost')).reason).toBe('ended');
  });

  it('reports a wild jump', () => {
    const { jump, call } = started(target);
    const loss = lossOf(() => jump(0x1234));
    expect(loss.reason).toBe('fault');
    expect(loss.message).toContain('signal 11, pc 0x1234');
    expect(lossOf(() => call('add', 1))).toBe(loss);
  });

  it('reports a wild access of compiled code and lives', () => {
    const { call, moveMemory } = started(target);
    moveMemory(0x10000);
    expect(() => call('load', 4)).toThrow(UnknownFault);
    expect(() => call('load', 4)).toThrow('touched an address outside the memories of its store');
    expect(call('add', 1)).toBe(2);
  });

  it('notices a spoiled control page', () => {
    const { call, moveMemory, runner } = started(target);
    moveMemory(zoneAddress);
    expect(lossOf(() => call('spoil', 0)).message).toContain('the turn is 77');
    expect(runner.lost?.reason).toBe('corrupted');
  });

  it('costs an engine one verdict', () => {
    const engine = runnerEngine(target, target, {});
    const answer = (): unknown => {
      const store = engine.openStore();
      try {
        const compiled = store.compile(bytes);
        if (compiled.kind !== 'compiled') throw new Error(compiled.kind);
        const made = store.instantiate(compiled.module, () => store.hostFunction({ params: ['i32'], results: ['i32'] }, (values) => values));
        if (made.kind !== 'instance') throw new Error(made.kind);
        return made.instance.invoke('add', [{ type: 'i32', bits: 1 }]);
      } finally {
        store.dispose();
      }
    };
    const two = { kind: 'values', values: [{ type: 'i32', bits: 2 }] };
    expect(answer()).toEqual(two);
    const children = spawnSync('/bin/sh', ['-c', `cat /proc/${process.pid}/task/*/children`], { encoding: 'utf8' }).stdout.trim().split(/\s+/).map(Number).filter(isAlive);
    expect(children.length).toBeGreaterThan(0);
    for (const pid of children) if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/proc/self/fd/4')) process.kill(pid, 'SIGKILL');
    expect(lossOf(answer).reason).toBe('ended');
    expect(answer()).toEqual(two);
  });

  it.each(['killed', 'ends', 'throws'])('does not outlive a driver that is %s', async (way) => {
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('./runner-orphan.ts', import.meta.url)), target, way], { encoding: 'utf8', timeout: 30_000 });
    const pid = Number(stdout.trim());
    expect(pid).toBeGreaterThan(0);
    expect(await endsSoon(pid)).toBe(true);
  });
});

it('says why there is no runner', () => {
  expect(whyNoRunner('riscv64') ?? 'there is one').toMatch(/there is (no backend|one)|has no runner|qemu-user/);
});
