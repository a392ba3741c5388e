import type { Machine } from './machine.ts';
import type { Instance } from './store.ts';
import { bug } from './outcome.ts';
export function executeAtomic(_m: Machine, _instance: Instance, second: number, _code: Int32Array, _pc: number, _sp: number): number {
  return bug(`atomic ${second}`);
}
