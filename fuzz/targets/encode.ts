// Machine instructions of all targets: what is encoded decodes to itself, what is listed assembles to itself, and a foreign disassembler agrees.

import { targetNames } from '../../compiler/inside.ts';
import { drawMachineCode, type MachineCode, machineRows } from '../generate/machine-code.ts';
import { encode as encodeInstruction, type Encode, encodingFault, type ForeignOpinion, openCapstone } from '../oracles/encoding.ts';
import { EventCounts } from './events.ts';
import { agreement, type Part, partTarget } from './target.ts';

function isCode(value: unknown): value is MachineCode {
  return typeof value === 'object' && value !== null && 'isa' in value && targetNames.some((name) => name === value.isa) && ('instructions' in value || 'bytes' in value);
}

/** The part, with the real encoder or with one that stands in for it. */
export function encodePart(foreign: ForeignOpinion | undefined, encoding: Encode = encodeInstruction): Part<MachineCode> {
  const events = new EventCounts(machineRows);
  return {
    file: 'repro.json',
    build: drawMachineCode,
    print: (code) => new TextEncoder().encode(`${JSON.stringify(code)}\n`),
    read: (content) => {
      const value: unknown = JSON.parse(new TextDecoder().decode(content));
      if (!isCode(value)) throw new Error('not machine code: expected {"isa", "kind", "instructions" or "bytes"}');
      return value;
    },
    judge: (code) => {
      if (code.kind === 'instructions') for (const { row } of code.instructions) events.add(`${code.isa} ${row}`);
      const fault = encodingFault(code, encoding, foreign);
      return fault === undefined ? agreement : { verdict: 'disagree', kind: fault.kind, culprit: code.isa, fingerprint: fault.kind === 'text' ? '' : fault.row, detail: fault.detail };
    },
    statistics: () => events.statistics(),
  };
}

/** The row called `add` has its operands the wrong way round. */
const reversed: Encode = (isa, { row, cells }) => encodeInstruction(isa, { row, cells: row === 'add' ? cells.toReversed() : cells });

export const encode = partTarget('encode', 'machine instructions against decoder, assembler and capstone', async () => encodePart(await openCapstone()), () => encodePart(undefined, reversed));
