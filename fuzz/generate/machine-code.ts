// Machine instructions from choices: a few of one instruction set in sequence, or any bytes at all, which a decoder must survive.

import { defaultTarget, type NamedInstruction, type TargetName, targetNames, targetOf } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';

export type MachineCode =
  | { readonly isa: TargetName; readonly kind: 'instructions'; readonly instructions: readonly NamedInstruction[] }
  | { readonly isa: TargetName; readonly kind: 'bytes'; readonly bytes: readonly number[] };

function drawInstruction(c: Choices, isa: TargetName): NamedInstruction {
  const { codec } = targetOf(isa);
  const row = codec.rows[c.draw(codec.rows.length)];
  if (row === undefined) throw new Error('an instruction set without instructions');
  return { row, cells: codec.randomCells(row, (n) => c.draw(n)) };
}

/** Every row that can be drawn, behind the name of its instruction set. */
export const machineRows: readonly string[] = targetNames.flatMap((isa) => targetOf(isa).codec.rows.map((row) => `${isa} ${row}`));

const mostBytes = 64;

export function drawMachineCode(c: Choices): MachineCode {
  const isa = targetNames[c.draw(targetNames.length)] ?? defaultTarget;
  if (c.chance(1, 4)) {
    const bytes: number[] = [];
    do bytes.push(c.draw(256));
    while (bytes.length < mostBytes && c.chance(15, 16));
    return { isa, kind: 'bytes', bytes };
  }
  const instructions: NamedInstruction[] = [];
  do instructions.push(c.section(() => drawInstruction(c, isa)));
  while (instructions.length < 6 && c.chance(1, 2));
  return { isa, kind: 'instructions', instructions };
}
