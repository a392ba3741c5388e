// Does emitted code say what the allocated instructions say? Decides between a fault of selection and one of emission.
//
// Every instruction that has bytes of its own must appear in the decoded code, in order, with its row (or its twin with the short immediate), its registers
// where allocation put them, and its immediates. Prologue, moves and branches stand between and are passed over; so are aliases and pseudo-instructions,
// which have no row of their own in the bytes, copies of a register to itself, which are left out, and terminators.
// x86-64. The decoder reads the same rows as the encoder, so a wrong row is seen by neither: rows are held against a foreign disassembler elsewhere.

import { compile } from '../../compiler/index.ts';
import {
  type AllocatedCode, applyAllocation, blockCountOf, type CompileOptions, type Decoded, Decoder, endInstOf, firstCellOf, firstInstOf, type Level, rowOfInst, x64InstructionSet,
} from '../../compiler/inside.ts';

const decoder = new Decoder(x64InstructionSet);

interface Wanted {
  readonly row: number;
  readonly short: number;
  readonly name: string;
  /** Pairs of cell and value. */
  readonly cells: readonly (readonly [number, number])[];
}

/** What must be found in the bytes of a function, in order. */
function wantedOf(code: AllocatedCode): Wanted[] {
  const { vcode, locations } = code;
  const wanted: Wanted[] = [];
  for (let block = 0; block < blockCountOf(vcode); block++) {
    for (let inst = firstInstOf(vcode, block); inst < endInstOf(vcode, block) - 1; inst++) {
      const shape = x64InstructionSet.shapes[rowOfInst(vcode, inst)];
      if (shape === undefined || shape.row.pseudo === true || shape.row.alias === true) continue;
      const first = firstCellOf(vcode, inst);
      const cells: [number, number][] = [];
      const registers: number[] = [];
      for (let i = 0; i < shape.program.length; i += 2) {
        const cell = shape.program[i] ?? 0;
        if (vcode.cells.at(first + cell) < 0) continue;
        const location = locations[first + cell] ?? -1;
        cells.push([cell, location]);
        registers.push(location);
      }
      for (const operand of shape.operands) if (operand.kind === 'immediate' || operand.kind === 'condition') cells.push([operand.cell, vcode.cells.at(first + operand.cell)]);
      // A copy that allocation has made pointless has no bytes.
      if (/^mov.*_rr$/.test(shape.name) && registers.length === 2 && registers[0] === registers[1]) continue;
      wanted.push({ row: shape.number, short: shape.short, name: shape.name, cells });
    }
  }
  return wanted;
}

function fits(decoded: Decoded, wanted: Wanted): boolean {
  const { number } = decoded.shape;
  return (number === wanted.row || number === wanted.short) && wanted.cells.every(([cell, value]) => decoded.cells[cell] === value);
}

/** What is wrong with a function's bytes; undefined when nothing is. */
function faultOf(code: AllocatedCode, bytes: Uint8Array, length: number): string | undefined {
  const wanted = wantedOf(code);
  let next = 0;
  for (let at = 0; at < length; ) {
    const decoded = decoder.maybeDecode(bytes, at);
    if (decoded === undefined) return `bytes at ${at} are no instruction`;
    const expected = wanted[next];
    if (expected !== undefined && fits(decoded, expected)) next++;
    at += decoded.length;
  }
  const missing = wanted[next];
  return missing === undefined ? undefined : `instruction ${next} of ${wanted.length}, ${missing.name}, is not in the code`;
}

/** Compiles a module and checks each function's bytes; answers the first fault, by function. What the compiler throws passes through. */
export function emissionFault(module: Uint8Array, options: CompileOptions): string | undefined {
  let found: string | undefined;
  let allocated: (Level & { readonly level: 'allocation' }) | undefined;
  compile(module, {
    ...options,
    target: 'x86-64',
    inspect: (_stage, index, level) => {
      if (level.level === 'allocation') allocated = level;
      if (level.level !== 'code' || allocated === undefined || found !== undefined) return;
      const { vcode, stated, allocation } = allocated;
      const fault = faultOf(applyAllocation(vcode, stated, allocation), level.bytes, level.emitted.codeEnd - level.emitted.start);
      if (fault !== undefined) found = `function ${index}: ${fault}`;
    },
  });
  return found;
}
