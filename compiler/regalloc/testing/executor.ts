// Runs allocated code along one path on bytes, beside the virtual program: the third judge, which knows nothing about proofs.
// Every def makes a new token; a location holds bytes of tokens. Instructions are as hostile as operand.ts allows: early defs are written
// before anything is read, late defs and clobbers before late uses are read, and finally every def must still stand where it was written.

import { type Operand, isDef, isLate, vregOf } from '../operand.ts';
import { type Allocation, type Problem, firstSlotLocation } from '../problem.ts';
import type { Choose } from './random-problem.ts';

const registerBytes = 16;

class Machine {
  private readonly registers = new Map<number, string[]>();
  private readonly spill: string[] = [];
  private readonly a: Allocation;
  constructor(a: Allocation) {
    this.a = a;
  }
  read(location: number, bytes: number): string[] {
    if (location < firstSlotLocation) return (this.registers.get(location) ?? []).slice(0, bytes);
    const offset = this.a.slotOffset[location - firstSlotLocation] ?? 0;
    return Array.from({ length: bytes }, (_, i) => this.spill[offset + i] ?? 'nothing');
  }
  /** Writes `content`; the rest of an integer register is cleared, that of a float register destroyed. */
  write(location: number, content: readonly string[]): void {
    if (location >= firstSlotLocation) {
      const offset = this.a.slotOffset[location - firstSlotLocation] ?? 0;
      content.forEach((byte, i) => (this.spill[offset + i] = byte));
      return;
    }
    const rest = location < 32 ? 'zero' : 'garbage';
    this.registers.set(location, [...content, ...Array.from({ length: registerBytes - content.length }, () => rest)]);
  }
  destroy(location: number): void {
    this.registers.delete(location);
  }
}

const bytesOfToken = (token: string, bytes: number): string[] => Array.from({ length: bytes }, (_, i) => `${token}:${i}`);

/** Follows one random path of at most `steps` blocks; answers the first instruction that reads something wrong, or -1. */
export function firstWrongRead(p: Problem, a: Allocation, choose: Choose, steps: number): number {
  const machine = new Machine(a);
  const token = new Map<number, string>();
  const bytesOf = (v: number): number => p.vregBytes[v] ?? 0;
  const moveAt: number[][] = [];
  a.moves.before.forEach((inst, m) => (moveAt[inst] ??= []).push(m));
  let time = 0;
  let block = 0;

  const holds = (location: number, v: number): boolean => {
    const expected = bytesOfToken(token.get(v) ?? 'undefined', bytesOf(v));
    return machine.read(location, bytesOf(v)).join() === expected.join();
  };

  const runInstruction = (inst: number): boolean => {
    const operands: { operand: Operand; location: number }[] = [];
    for (let k = p.operandStart[inst] ?? 0; k < (p.operandStart[inst + 1] ?? 0); k++) {
      operands.push({ operand: p.operands[k] as Operand, location: a.locations[k] ?? -1 });
    }
    const [source, result] = operands;
    const copied = p.isCopy[inst] === 1 && source !== undefined && result !== undefined;
    if (copied && source.location === result.location) {
      // Nothing is emitted.
      if (!holds(source.location, vregOf(source.operand))) return false;
      token.set(vregOf(result.operand), token.get(vregOf(source.operand)) ?? 'undefined');
      return true;
    }
    const define = (late: boolean): void => {
      for (const { operand, location } of operands) {
        const v = vregOf(operand);
        if (!isDef(operand) || isLate(operand) !== late) continue;
        token.set(v, copied ? (token.get(vregOf(source.operand)) ?? 'undefined') : `r${v}#${time++}`);
        machine.write(location, bytesOfToken(token.get(v) ?? '', bytesOf(v)));
      }
    };
    const readsRight = (late: boolean): boolean =>
      operands.every(({ operand, location }) => isDef(operand) || isLate(operand) !== late || holds(location, vregOf(operand)));
    const earlyRight = readsRight(false);
    define(false);
    // Only what an early def may have overwritten is read a second time.
    if (!earlyRight || !readsRight(false)) return false;
    define(true);
    for (let r = 0; r < 64; r++) if ((((r < 32 ? p.clobberInt[inst] : p.clobberFloat[inst]) ?? 0) >>> (r & 31)) & 1) machine.destroy(r);
    return readsRight(true) && operands.every(({ operand, location }) => !isDef(operand) || holds(location, vregOf(operand)));
  };

  for (let step = 0; step < steps; step++) {
    for (let inst = p.blockStart[block] ?? 0; inst < (p.blockStart[block + 1] ?? 0); inst++) {
      for (const m of moveAt[inst] ?? []) machine.write(a.moves.to[m] ?? -1, machine.read(a.moves.from[m] ?? -1, a.moves.bytes[m] ?? 0));
      for (const scratch of p.registers.scratch) machine.destroy(scratch);
      if (!runInstruction(inst)) return inst;
    }
    const first = p.successorStart[block] ?? 0;
    const count = (p.successorStart[block + 1] ?? 0) - first;
    if (count === 0) return -1;
    const next = p.successors[first + choose(count)] ?? 0;
    const passed = Array.from(p.arguments.slice(p.argumentStart[block], p.argumentStart[block + 1]), (v) => token.get(v) ?? 'undefined');
    passed.forEach((t, k) => token.set(p.parameters[(p.parameterStart[next] ?? 0) + k] ?? -1, t));
    block = next;
  }
  return -1;
}
