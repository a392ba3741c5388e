// For tests: a worker thread that traps again and again on its own CPU processor, beside V8's traps, and reports how often that went as it should.

import { parentPort, workerData } from 'node:worker_threads';
import { LoadedModule } from '../module.ts';
import { Store } from '../store.ts';
import { callFunction } from '../values.ts';
import { threadCpu } from './cpu.ts';
import { loadOrTrap, trappingV8 } from './load-or-trap.ts';

const rounds = Number(workerData);
const cpu = threadCpu();
const module = new LoadedModule(cpu, loadOrTrap());
const store = new Store(cpu);
const made = store.instantiate(module, () => undefined);
const v8 = trappingV8();
let right = 0;
if (made.kind === 'instance') {
  const load = made.instance.function(0);
  made.instance.memory(0).bytes[0] = rounds & 0x7f;
  for (let i = 0; i < rounds; i++) {
    const { outcome } = callFunction(store, load, [65536 + i * 8]);
    const { results } = callFunction(store, load, [0]);
    if (outcome.kind === 'trap' && results[0] === (rounds & 0x7f) && (i % 16 !== 0 || v8())) right++;
  }
}
store.dispose();
module.release();
parentPort?.postMessage(right);
