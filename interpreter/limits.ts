// What one store may use before the interpreter says it is exhausted, and the choices the standard leaves to an implementation.
// Chapter: "Appendix", section "Implementation Limitations".
import type { RelaxedChoices } from './relaxed.ts';
import { deterministic } from './relaxed.ts';

export interface StoreLimits {
  /** Instructions, see `Machine.fuel`. */
  readonly fuel: number;
  /** Activations at once. */
  readonly callDepth: number;
  /** Operand and local slots of 64 bits, over all activations. */
  readonly stackSlots: number;
  /** Bytes of all memories together. */
  readonly memoryBytes: number;
  /** Elements of all tables together. */
  readonly tableElements: number;
  /**
   * Bytes of structures and arrays ever allocated, as the host's heap counts them. Which of them are dead only the host's collector knows, so this
   * bounds churn too; the default keeps what could be alive within a default JavaScript heap.
   */
  readonly heapBytes: number;
  /** Host functions that call back into wasm, nested. */
  readonly hostDepth: number;
  /** Which of the permitted results relaxed vector instructions give. */
  readonly relaxed: RelaxedChoices;
}

export const defaultLimits: StoreLimits = {
  fuel: Infinity,
  callDepth: 65_536,
  stackSlots: 1 << 20,
  memoryBytes: 2 ** 32 + 2 ** 31,
  tableElements: 10_000_000,
  heapBytes: 2 ** 30,
  hostDepth: 128,
  relaxed: deterministic,
};
