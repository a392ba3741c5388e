// What the signal handler leaves to others, seen from outside the process: crashes stay crashes, and without V8's handler ours still works.

import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import { whyNoCpu } from './cpu.ts';

const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

function run(body: string, flags: readonly string[] = []): { readonly status: number | null; readonly signal: string | null; readonly output: string } {
  const script = `
    import { threadCpu } from ${here('./cpu.ts')};
    import { libc } from ${here('./libc.ts')};
    import { loadOrTrap, trappingV8 } from ${here('./load-or-trap.ts')};
    import { LoadedModule } from ${here('../module.ts')};
    import { Store } from ${here('../store.ts')};
    import { callFunction } from ${here('../values.ts')};
    const cpu = threadCpu();
    const store = new Store(cpu);
    const module = new LoadedModule(cpu, loadOrTrap());
    const { instance } = store.instantiate(module, () => undefined);
    const load = (at) => callFunction(store, instance.function(0), [at]).outcome.kind;
    ${body}`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { encoding: 'utf8' });
  return { status, signal, output: stdout + stderr };
}

const reason = whyNoCpu();

describe('a process of its own', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  it('still dies of a crash outside compiled code', () => {
    const { signal, output } = run("console.log(load(1 << 20)); new Uint8Array(libc().view(4096, 16))[0] = 1; console.log('alive');");
    expect(output).toBe('trap\n');
    expect(signal).toBe('SIGSEGV');
  });

  it('traps without the trap handler of V8 as well', () => {
    const { status, output } = run('console.log(load(1 << 20), load(0), trappingV8()(), load(1 << 20));', ['--disable-wasm-trap-handler']);
    expect(output).toBe('trap returned true trap\n');
    expect(status).toBe(0);
  });

  it('dies of a crash without the trap handler of V8 as well', () => {
    const { signal, output } = run("console.log(load(1 << 20)); new Uint8Array(libc().view(4096, 16))[0] = 1; console.log('alive');", ['--disable-wasm-trap-handler']);
    expect(output).toBe('trap\n');
    expect(signal).toBe('SIGSEGV');
  });

  it('ends by itself while stores are open', () => {
    expect(run("process.on('exit', () => console.log(load(1 << 20)));")).toEqual({ status: 0, signal: null, output: 'trap\n' });
  });
});
