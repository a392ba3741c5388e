// Fuel: code that counts the wasm instructions it executes, and stops when the store has none left. An option; without it nothing of this is emitted.
//
// What costs: every instruction executed costs 1, but for those that only give structure: `nop`, `block`, `loop`, `else`, and `end`. The `end` that closes
// a function costs 1, because it returns; it is executed by whoever falls through to it or branches to the function's own label, not by `return`.
//
// When it is paid: the costs of instructions that nobody sees from outside are added up and paid together, before the next one that may trap, call, or write
// what outlives the function, its own cost included, and before control goes anywhere. So a call that traps has paid for exactly what it executed, and one
// that runs out stops before an effect that it cannot pay for: the same effects have happened as if it had paid one by one.
//
// A payment takes from the store's cell (contract/vmctx.ts) and then traps if that is negative; the cell is read again after each call. Instructions that
// are not known to be quiet pay first.

import { trapCodes } from '../contract/traps.ts';
import { storeContext, vmctxHeader } from '../contract/vmctx.ts';
import type { MemoryFlags } from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { type InstructionName, instructions, opcode, opcodeLimit } from '../wasm/opcodes.ts';
import type { Translation } from './translation.ts';

const structure: ReadonlySet<string> = new Set(['nop', 'block', 'loop', 'else', 'end'] satisfies readonly InstructionName[]);

/** Branches pay where their handlers leave the block. */
const branches: ReadonlySet<string> = new Set(['if', 'br', 'br_if', 'br_table', 'return'] satisfies readonly InstructionName[]);

/** Neither trap nor leave anything behind but values and locals. */
const quiet = /^(?:drop|select.*|local\..*|global\.get|memory\.size|table\.size|ref\..*|f(?:32|64)\.(?!load|store).*|i(?:32|64)\.(?!load|store|div|rem|trunc_f).*)$/;

const costs = new Uint8Array(opcodeLimit);
const paysFirst = new Uint8Array(opcodeLimit);
for (const name of Object.keys(instructions) as InstructionName[]) {
  const isStructure = structure.has(name);
  costs[opcode[name]] = isStructure ? 0 : 1;
  paysFirst[opcode[name]] = isStructure || branches.has(name) || quiet.test(name) ? 0 : 1;
}

const fuelCell: MemoryFlags = { region: 'fuel', readonly: false, trap: 0 };

/** Adds the cost of the instruction that is about to be translated, and pays where it must be paid for first. */
export function meter(t: Translation, number: number): void {
  t.owed += costs[number] as number;
  if (paysFirst[number] === 1) pay(t);
}

/** The function's own label, or its end: the closing `end` is executed. */
export function meterEnd(t: Translation): void {
  if (t.options.fuel === true) t.owed++;
}

/** Takes what is owed from the store's fuel, in the current block. */
export function pay(t: Translation): void {
  const { b, owed } = t;
  if (owed === 0) return;
  t.owed = 0;
  const context = t.constantField(vmctxHeader.store);
  const left = b.binary(op.isub, t.load64(fuelCell, context, storeContext.fuel), b.iconst64(BigInt(owed)));
  b.store(op.store, fuelCell, left, context, storeContext.fuel);
  b.trapnz(b.icmp('slt', left, b.iconst64(0n)), trapCodes.outOfFuel);
}
