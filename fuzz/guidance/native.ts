// The native part of jazzer.js: libFuzzer inside this process. Everything else of jazzer.js (its instrumentation, hooks and command line) is left alone, because
// our own counters cost a tenth of its comparison hooks.
//
// What must be known:
// - It needs glibc 2.38 (machine.ts), and installs a handler for SIGSEGV when it starts. Ours, of native engines, must come after it: it passes on what is not its own.
// - V8's own handler for memory accesses is lost: Node must run with --disable-wasm-trap-handler.
// - It saves nothing when the process aborts or is killed; whoever runs an input keeps it somewhere first.
// - Once started it blocks the event loop until it is done.
// `registerModuleCounters` is an internal export: the self-test notices when it no longer does what it did.

import { createRequire } from 'node:module';

interface Addon {
  registerModuleCounters(counters: Buffer): void;
  startFuzzing(run: (input: Buffer) => void, options: readonly string[], onSignal: (signal: number) => void): Promise<void>;
}

function isAddon(value: unknown): value is Addon {
  return typeof value === 'object' && value !== null && ['registerModuleCounters', 'startFuzzing'].every((name) => typeof Reflect.get(value, name) === 'function');
}

/** Loads libFuzzer. Throws what the dynamic loader says where it does not load. */
export function loadLibFuzzer(): Addon {
  const loaded: unknown = createRequire(import.meta.url)('@jazzer.js/fuzzer/dist/addon.js');
  const addon: unknown = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'addon') : undefined;
  if (!isAddon(addon)) throw new Error('@jazzer.js/fuzzer is not the version this was written for: it lacks registerModuleCounters or startFuzzing');
  return addon;
}

/** Runs libFuzzer over `run` until its options end it; the first option is what it takes for the program's name. */
export async function fuzzWith(counters: Buffer, run: (input: Buffer) => void, options: readonly string[]): Promise<void> {
  const addon = loadLibFuzzer();
  addon.registerModuleCounters(counters);
  await addon.startFuzzing(run, ['assay', ...options], () => undefined);
}
