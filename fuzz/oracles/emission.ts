// Does emitted code say what the allocated instructions say? Decides between a fault of selection and one of emission, and names the row.
//
// Every instruction that has bytes of its own must appear in the decoded code, in order, with its row, its registers where allocation put them, its
// immediates and its memory operand, and stem from the same wasm instruction; and every move that allocation asks for, from where to where and how wide.
// Prologue and branches stand between and are passed over; so are pseudo-instructions, whose bytes are the emitter's affair, copies of a register to
// itself, which are left out, and terminators. What can trap must have its place in the trap table, and the table must hold nothing else. Where branches
// lead is read back by itself (branch-targets.ts).
//
// What the emitter may do, on any ISA: take the twin of a row with a short immediate, take another row of the same bytes (an alias), and sum up
// an address in a register that allocation never hands out; there the row may be the one without an index of its own. The address must be the one
// asked for all the same, and so must places in the frame (address-sum.ts); only constants lie where the emitter wants them.
// The decoder reads the same rows as the encoder, so a wrong row is seen by neither: rows are held against foreign disassemblers elsewhere.

import { compile } from '../../compiler/index.ts';
import {
  type AllocatedCode, applyAllocation, type Artifact, bases, blockCountOf, type CompileOptions, type DecodedInstruction, endInstOf, firstCellOf, firstInstOf, instCountOf, type InstructionRow,
  isRegisterKind, type Level, memoryCells, type OperandShape, originOfInst, type RowShape, rowOfInst, type Target, trapOfInst, trapCodes,
} from '../../compiler/inside.ts';
import { AddressSums, areEqual, constantSum, type Sum, sumPlus, wordIndexOf } from './address-sum.ts';
import { branchFault, type Placed } from './branch-targets.ts';
import { originsOf } from './origins.ts';

/** What emission did wrong. */
export interface EmissionFault {
  /** The row whose instruction is missing or whose branch leads elsewhere, `move`, or the row of a move that goes to another place, `trap-table`, or `code` where bytes are no instruction and nothing more was expected. */
  readonly name: string;
  readonly text: string;
}

/** Something that must be found in the bytes of a function. */
interface Wanted {
  readonly name: string;
  /** `address` is that of the decoded memory operand; undefined where it has none or nothing is known of it. */
  readonly fits: (decoded: DecodedInstruction, address: Sum | undefined) => boolean;
  /** The address asked for; undefined where there is none, or any will do. */
  readonly address: Sum | undefined;
  /** The wasm instruction it stems from; undefined for what stems from none. */
  readonly origin: number | undefined;
  /** Trap code of its memory access, 0 for none. */
  readonly trap: number;
}

const firstSlot = 64;
const firstFloat = 32;

const bitsOf = (row: InstructionRow): number | undefined => ('bits' in row && typeof row.bits === 'number' ? row.bits : undefined);

/** Rows that may stand for a row: itself, its twins. */
function twinsOf(target: Target, shape: RowShape): readonly number[] {
  const withoutIndex = shape.memoryCell >= 0 ? target.instructions.maybeNumberOf(shape.name.slice(0, shape.name.lastIndexOf('_'))) : undefined;
  return [shape.number, shape.short, withoutIndex ?? -1];
}

/** The cell of the operand in the same field of another row with the same bytes. */
function cellOfField(shape: RowShape, field: string): number | undefined {
  return shape.operands.find((operand) => operand.role !== 'pin' && operand.field === field)?.cell;
}

/** Offset of the spill area from the frame pointer: it begins below a vmctx that is kept. */
const spillOffsetOf = ({ vcode, allocation }: AllocatedCode): number => -(allocation.spillBytes + (vcode.keepsVmctx ? 16 : 0));

function wantedInstruction(target: Target, { vcode, locations }: AllocatedCode, inst: number, sums: AddressSums): Wanted | undefined {
  const shape = target.instructions.shape(rowOfInst(vcode, inst));
  if (shape.row.pseudo === true || shape.row.call === true) return undefined;
  const bits = bitsOf(shape.row);
  if (shape.row.alias === true && bits === undefined) return undefined;
  const first = firstCellOf(vcode, inst);
  const valueAt = (cell: number): number => (vcode.cells.at(first + cell) < 0 ? vcode.cells.at(first + cell) : (locations[first + cell] ?? -1));
  if (shape.row.copy === true && valueAt(0) === valueAt(1)) return undefined;
  const twins = twinsOf(target, shape);
  const memory = shape.memoryCell;
  const isPooled = memory >= 0 && vcode.cells.at(first + memory) === bases.constant;
  const index = wordIndexOf(shape);
  const wantedAddress = memory < 0 || isPooled
    ? undefined
    : sums.address({
        base: valueAt(memory + memoryCells.base),
        index: valueAt(memory + memoryCells.index),
        scale: vcode.cells.at(first + memory + memoryCells.scale),
        displacement: vcode.cells.at(first + memory + memoryCells.displacement),
        word: index === undefined ? undefined : { register: valueAt(index.cell), shift: index.shiftCell < 0 ? 0 : vcode.cells.at(first + index.shiftCell) },
      });
  const addressFits = (decoded: DecodedInstruction, address: Sum | undefined): boolean =>
    memory < 0 || decoded.shape.memoryCell < 0 ? memory === decoded.shape.memoryCell : isPooled || areEqual(address, wantedAddress);
  const operandFits = (operand: OperandShape, decoded: DecodedInstruction): boolean => {
    const isRegister = isRegisterKind(operand.kind);
    if (operand.role === 'pin' || (!isRegister && operand.kind !== 'immediate' && operand.kind !== 'condition')) return true;
    const isSame = decoded.shape.number === shape.number || decoded.shape.number === shape.short;
    const cell = isSame ? operand.cell : operand.field === '' ? undefined : cellOfField(decoded.shape, operand.field);
    // A field that the other row fixes says nothing about this operand.
    if (cell === undefined) return true;
    const wanted = isRegister ? valueAt(operand.cell) : vcode.cells.at(first + operand.cell);
    return decoded.cells[cell] === wanted && (operand.role !== 'mod' || valueAt(operand.cell + 1) === wanted);
  };
  return {
    name: shape.name,
    address: wantedAddress,
    origin: originOfInst(vcode, inst),
    trap: trapOfInst(vcode, inst),
    fits: (decoded, address) =>
      (twins.includes(decoded.shape.number) || (bits !== undefined && bits === bitsOf(decoded.shape.row))) &&
      addressFits(decoded, address) &&
      shape.operands.every((operand) => operandFits(operand, decoded)),
  };
}

const roleReads = (role: OperandShape['role']): boolean => role === 'use' || role === 'lateuse' || role === 'mod';

/** A move between registers, or of a register to or from its place in the frame: the right width, and nothing made up beyond it. */
function wantedMove(code: AllocatedCode, from: number, to: number, bytes: number, sums: AddressSums): Wanted {
  const slot = Math.max(from, to) - firstSlot;
  const place = slot < 0 ? undefined : sumPlus(sums.framePointer, constantSum(spillOffsetOf(code) + (code.allocation.slotOffset[slot] ?? 0)));
  const registerOf = (decoded: DecodedInstruction, reads: boolean): { readonly shape: OperandShape; readonly value: number } | undefined => {
    const operand = decoded.shape.operands.find((candidate) => isRegisterKind(candidate.kind) && candidate.role !== 'pin' && roleReads(candidate.role) === reads);
    return operand === undefined ? undefined : { shape: operand, value: decoded.cells[operand.cell] ?? -1 };
  };
  const fits = (decoded: DecodedInstruction, address: Sum | undefined): boolean => {
    const memory = decoded.shape.operands.find(({ kind }) => kind === 'memory');
    if (from < firstSlot && to < firstSlot) {
      const [read, written] = [registerOf(decoded, true), registerOf(decoded, false)];
      return memory === undefined && read?.value === from && written?.value === to && written.shape.bytes >= Math.min(bytes, to < firstFloat ? 8 : 4);
    }
    const isLoad = from >= firstSlot;
    const register = registerOf(decoded, !isLoad);
    return memory !== undefined && roleReads(memory.role) === isLoad && register?.value === (isLoad ? to : from) && memory.bytes === bytes && register.shape.bytes === bytes && areEqual(address, place);
  };
  return { name: 'move', fits, address: place, origin: undefined, trap: 0 };
}

/** What must be found in the bytes of a function, in order. */
function wantedOf(target: Target, code: AllocatedCode, sums: AddressSums): Wanted[] {
  const { vcode, allocation: { moves } } = code;
  const wanted: Wanted[] = [];
  let move = 0;
  for (let block = 0; block < blockCountOf(vcode); block++) {
    const end = endInstOf(vcode, block);
    for (let inst = firstInstOf(vcode, block); inst < end; inst++) {
      for (; move < moves.before.length && (moves.before[move] ?? 0) <= inst; move++) wanted.push(wantedMove(code, moves.from[move] ?? -1, moves.to[move] ?? -1, moves.bytes[move] ?? 0, sums));
      const instruction = inst === end - 1 ? undefined : wantedInstruction(target, code, inst, sums);
      if (instruction !== undefined) wanted.push(instruction);
    }
  }
  return wanted;
}

interface Emitted extends Omit<Placed, 'traps'> {
  readonly start: number;
  /** Bytes between frame pointer and stack pointer. */
  readonly frameBytes: number;
  readonly index: number;
}

/** The function's lines of the trap table. */
function trapsOf({ start, length }: Emitted, { traps }: Artifact): Placed['traps'] {
  return Array.from(traps.pc, (pc, i) => ({ at: pc - start, code: traps.code[i] ?? 0, origin: traps.origin[i] ?? 0 })).filter(({ at }) => at >= 0 && at < length);
}

/** Where a jump through a table may have its table behind it: from the start of what ends the block to the next block. */
function tableStretches({ code: { vcode }, target, blockStart, terminatorStart, coldStart }: Emitted): { readonly start: number; readonly end: number }[] {
  const stretches: { readonly start: number; readonly end: number }[] = [];
  let end = coldStart;
  for (let block = blockCountOf(vcode) - 1; block >= 0; block--) {
    const start = blockStart[block] ?? -1;
    if (start < 0) continue;
    if (target.instructions.shape(rowOfInst(vcode, endInstOf(vcode, block) - 1)).row.ends === 'table') stretches.unshift({ start: terminatorStart[block] ?? end, end });
    end = start;
  }
  return stretches;
}

/** What is wrong with a function's bytes; undefined when nothing is. `traps` holds the table's lines as `place:code:origin`. */
function faultOf(emitted: Emitted, originAt: (pc: number) => number, traps: ReadonlySet<string>): EmissionFault | undefined {
  const { code, bytes, start, length, frameBytes, target } = emitted;
  const tables = tableStretches(emitted);
  let table = 0;
  const sums = new AddressSums(target, frameBytes);
  const wanted = wantedOf(target, code, sums);
  let next = 0;
  /** Behind the last instruction found, and where something stands since then that would do, if the trap table had its place. */
  let from = 0;
  let unlisted = -1;
  /** The instruction since then that is right but for its address. */
  let misplaced: { readonly at: number; readonly row: string } | undefined;
  for (let at = 0; at < length; ) {
    const decoded = target.maybeDecode(bytes, at);
    const expected = wanted[next];
    if (decoded === undefined) return { name: expected?.name ?? 'code', text: `bytes at ${at} are no instruction${expected === undefined ? '' : `; ${expected.name} was to come`}` };
    const isOrigin = expected !== undefined && (expected.origin === undefined || originAt(start + at) === expected.origin);
    if (expected !== undefined && isOrigin && expected.fits(decoded, sums.addressOf(decoded))) {
      if (expected.trap !== 0 && !traps.has(`${start + at}:${expected.trap}:${expected.origin}`)) unlisted = at;
      else {
        next++;
        from = at + decoded.length;
        unlisted = -1;
        misplaced = undefined;
      }
    } else if (expected !== undefined && isOrigin && expected.address !== undefined && expected.fits(decoded, expected.address)) misplaced ??= { at, row: decoded.shape.name };
    sums.step(decoded);
    const stretch = tables[table];
    const isTableNext = stretch !== undefined && at >= stretch.start && decoded.shape.row.ends === 'jump';
    at = isTableNext ? stretch.end : at + decoded.length;
    if (stretch !== undefined && at >= stretch.end) table++;
  }
  const missing = wanted[next];
  if (missing === undefined) return undefined;
  if (unlisted >= 0) return { name: 'trap-table', text: `${missing.name} at ${unlisted} can trap, and the trap table has no such place` };
  if (misplaced !== undefined) return { name: missing.name === 'move' ? misplaced.row : missing.name, text: `instruction ${next} of ${wanted.length}, ${missing.name}: ${misplaced.row} at ${misplaced.at} has another address` };
  const listing = target.listCode(bytes, from, length).slice(0, 4).map((line) => line.text).join('; ');
  return { name: missing.name, text: `instruction ${next} of ${wanted.length}, ${missing.name}, is not in the code; from byte ${from} on stand: ${listing}` };
}

/** The traps that a function's instructions state, as `code:origin`. */
function statedTraps({ vcode }: AllocatedCode, target: Target): Set<string> {
  const stated = new Set<string>(vcode.stackCheck === undefined ? [] : [`${trapCodes.stackOverflow}:${vcode.stackCheck}`]);
  for (let inst = 0; inst < instCountOf(vcode); inst++) {
    const origin = originOfInst(vcode, inst);
    if (trapOfInst(vcode, inst) !== 0) stated.add(`${trapOfInst(vcode, inst)}:${origin}`);
    const operand = target.instructions.shape(rowOfInst(vcode, inst)).operands.find(({ kind }) => kind === 'trap');
    if (operand !== undefined) stated.add(`${vcode.cells.at(firstCellOf(vcode, inst) + operand.cell)}:${origin}`);
  }
  return stated;
}

/** Whether the table has exactly the traps that are stated, out-of-line ones included. */
function trapTableFault({ code, start, length, target }: Emitted, { traps }: Artifact): EmissionFault | undefined {
  const stated = statedTraps(code, target);
  const listed = new Set<string>();
  for (const [i, pc] of traps.pc.entries()) {
    if (pc < start || pc >= start + length) continue;
    const line = `${traps.code[i] ?? 0}:${traps.origin[i] ?? 0}`;
    if (!stated.has(line)) return { name: 'trap-table', text: `the trap table has a place at ${pc - start} with code and origin ${line}, which no instruction states` };
    listed.add(line);
  }
  const missing = [...stated].find((line) => !listed.has(line));
  return missing === undefined ? undefined : { name: 'trap-table', text: `an instruction traps with code and origin ${missing}, and the trap table has no such place` };
}

/** Compiles a module and checks each function's bytes; answers the first fault, by function. What the compiler throws passes through. */
export function emissionFault(module: Uint8Array, options: CompileOptions): EmissionFault | undefined {
  const functions: Emitted[] = [];
  let allocated: (Level & { readonly level: 'allocation' }) | undefined;
  const result = compile(module, {
    ...options,
    inspect: (_stage, index, level) => {
      if (level.level === 'allocation') allocated = level;
      if (level.level !== 'code' || allocated === undefined) return;
      const { vcode, stated, allocation, target } = allocated;
      const { start, codeEnd, frameBytes, blockStart, terminatorStart, coldStart } = level.emitted;
      functions.push({
        code: applyAllocation(vcode, stated, allocation), bytes: level.bytes, start, length: codeEnd - start, frameBytes: frameBytes - target.frameOverhead, target, index, blockStart, terminatorStart, coldStart,
      });
    },
  });
  if (!result.ok) return undefined;
  const { traps } = result.artifact;
  const originAt = originsOf(result.artifact);
  const places = new Set(Array.from(traps.pc, (pc, i) => `${pc}:${traps.code[i] ?? 0}:${traps.origin[i] ?? 0}`));
  for (const emitted of functions) {
    const fault = faultOf(emitted, originAt, places) ?? trapTableFault(emitted, result.artifact) ?? branchFault({ ...emitted, traps: trapsOf(emitted, result.artifact) });
    if (fault !== undefined) return { name: fault.name, text: `function ${emitted.index}: ${fault.text}` };
  }
  return undefined;
}
