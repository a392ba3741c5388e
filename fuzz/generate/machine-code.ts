// Machine instructions from choices: a few of one instruction set in sequence, or any bytes at all, which a decoder must survive.

import { a64InstructionSet, randomA64Cells, randomRvCells, randomX64Cells, rvInstructionSet, x64InstructionSet } from '../../compiler/inside.ts';
import type { Choices } from './choices.ts';

export const isaNames = ['x86-64', 'aarch64', 'riscv64'] as const;
export type IsaName = (typeof isaNames)[number];

/** A row by name and its operand cells. */
export interface MachineInstruction {
  readonly row: string;
  readonly cells: readonly number[];
}

export type MachineCode =
  | { readonly isa: IsaName; readonly kind: 'instructions'; readonly instructions: readonly MachineInstruction[] }
  | { readonly isa: IsaName; readonly kind: 'bytes'; readonly bytes: readonly number[] };

type Choose = (n: number) => number;

interface Sampler {
  readonly rows: readonly string[];
  draw(c: Choices): MachineInstruction;
}

function sampler<Shape extends { readonly name: string; readonly row: { readonly pseudo?: boolean; readonly alias?: boolean } }>(
  shapes: readonly Shape[], cellsOf: (shape: Shape, choose: Choose) => number[],
): Sampler {
  const encodable = shapes.filter(({ row }) => row.pseudo !== true && row.alias !== true);
  return {
    rows: encodable.map(({ name }) => name),
    draw: (c) => {
      const shape = encodable[c.draw(encodable.length)];
      if (shape === undefined) throw new Error('an instruction set without instructions');
      return { row: shape.name, cells: cellsOf(shape, (n) => c.draw(n)) };
    },
  };
}

const samplers: Readonly<Record<IsaName, Sampler>> = {
  'x86-64': sampler(x64InstructionSet.shapes, randomX64Cells),
  aarch64: sampler(a64InstructionSet.shapes, randomA64Cells),
  riscv64: sampler(rvInstructionSet.shapes, randomRvCells),
};

/** Every row that can be drawn, behind the name of its instruction set. */
export const machineRows: readonly string[] = isaNames.flatMap((isa) => samplers[isa].rows.map((row) => `${isa} ${row}`));

const mostBytes = 64;

export function drawMachineCode(c: Choices): MachineCode {
  const isa = c.pick(isaNames);
  if (c.chance(1, 4)) {
    const bytes: number[] = [];
    do bytes.push(c.draw(256));
    while (bytes.length < mostBytes && c.chance(15, 16));
    return { isa, kind: 'bytes', bytes };
  }
  const instructions: MachineInstruction[] = [];
  do instructions.push(c.section(() => samplers[isa].draw(c)));
  while (instructions.length < 6 && c.chance(1, 2));
  return { isa, kind: 'instructions', instructions };
}
