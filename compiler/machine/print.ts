// Vcode as text; parse.ts is its inverse. Grammar:
//
//   function f3(i32, i64) -> i32 {
//   outgoing 16                                 bytes of the outgoing area, left out when 0; so are the next two
//   keeps_vmctx
//   stack_check @12
//   block0:
//       r0:4@rdi, r1:8@rsi = args
//       r2 = add32_rr r0, r3                    defs, row, other operands in the row's order; a modified operand stands on both sides
//       r4 = mov32_rm [r1 + r2*4 + 16] !outOfBoundsMemoryAccess @52
//       jcc l, block1, block2
//   block1(r5:4, r6:x8) loop 1:                 parameters with class and bytes; loop depth
//       jmp block3(r5)
//   }
//
// `r2:8` says how many bytes of a def are meaningful where the row says otherwise, `x` that it is a float; in lists it is always said.
// `@12` is the origin, left out when unknown. Bases of memory operands are a register, or: vmctx, incoming, outgoing, frame, const BYTES:WORDS.
// With an allocation, `r2{rax}` tells each location, moves stand between instructions as `move rax -> slot3 : 8`, and the slots come first:
//
//   spill 32
//   slot0 at 0 : 8

import { asVReg } from '../base/entity.ts';
import type { Allocation } from '../regalloc/problem.ts';
import { trapNameOf } from '../contract/traps.ts';
import { type InstructionRow, type InstructionSet, type OperandShape, bases, isRegisterKind, memoryCells } from './instruction.ts';
import type { AllocatedCode } from './problem.ts';
import {
  type Vcode,
  argumentCountOf,
  blockArgumentAt,
  blockCountOf,
  blockParameterAt,
  bytesOfVReg,
  classOfVReg,
  constantBytes,
  constantWord,
  endInstOf,
  firstCellOf,
  firstInstOf,
  parameterCountOf,
  rowOfInst,
} from './vcode.ts';

/** What the text forms need to know of a target. */
export interface TextTarget {
  readonly instructions: InstructionSet<InstructionRow>;
  registerName(register: number, bytes: number): string;
  maybeRegister(name: string): { readonly register: number; readonly bytes: number } | undefined;
  readonly conditionNames: readonly string[];
}

const firstSlot = 64;
const fullWidth = 8;

export function locationName(target: TextTarget, location: number): string {
  return location >= firstSlot ? `slot${location - firstSlot}` : target.registerName(location, fullWidth);
}

const specialBases: Record<number, string> = { [bases.vmctx]: 'vmctx', [bases.incoming]: 'incoming', [bases.outgoing]: 'outgoing', [bases.frame]: 'frame' };

/** A virtual register with its location if there is one. */
function vregText(target: TextTarget, v: Vcode, cell: number, locations: Int32Array | undefined): string {
  const name = `r${v.cells.at(cell)}`;
  const location = locations?.[cell] ?? -1;
  return location < 0 ? name : `${name}{${locationName(target, location)}}`;
}

/** `:x8`, or nothing where class and bytes are those of `shape`. */
function typeText(v: Vcode, vreg: number, shape: OperandShape | undefined): string {
  const bytes = bytesOfVReg(v, asVReg(vreg));
  const vregClass = classOfVReg(v, asVReg(vreg));
  if (shape !== undefined && shape.bytes === bytes && (shape.kind === 'float') === (vregClass === 1)) return '';
  return `:${vregClass === 1 ? 'x' : ''}${bytes}`;
}

function memoryText(target: TextTarget, v: Vcode, cell: number, locations: Int32Array | undefined): string {
  const base = v.cells.at(cell + memoryCells.base);
  const index = v.cells.at(cell + memoryCells.index);
  const displacement = v.cells.at(cell + memoryCells.displacement);
  if (base === bases.constant) {
    const bytes = constantBytes(v, displacement);
    const words = Array.from({ length: bytes / 4 }, (_, i) => `0x${(constantWord(v, displacement, i) >>> 0).toString(16)}`);
    return `[const ${bytes}: ${words.join(' ')}]`;
  }
  const parts: string[] = [];
  if (base >= 0) parts.push(vregText(target, v, cell + memoryCells.base, locations));
  else if (base !== bases.none) parts.push(specialBases[base] ?? `base${base}`);
  if (index >= 0) parts.push(`${vregText(target, v, cell + memoryCells.index, locations)}*${1 << v.cells.at(cell + memoryCells.scale)}`);
  if (displacement !== 0 || parts.length === 0) parts.push(String(displacement));
  return `[${parts.join(' + ').replace('+ -', '- ')}]`;
}

/** One instruction without its block's arguments: defs, row, operands. */
export function printVInst(target: TextTarget, v: Vcode, inst: number, block: number, locations?: Int32Array): string {
  const shape = target.instructions.shape(rowOfInst(v, inst));
  const defs: string[] = [];
  const rest: string[] = [];
  let cell = firstCellOf(v, inst);
  for (const operand of shape.operands) {
    if (operand.role === 'pin') continue;
    if (isRegisterKind(operand.kind)) {
      const def = operand.role === 'mod' ? cell + 1 : cell;
      const isDef = operand.role !== 'use' && operand.role !== 'lateuse';
      if (isDef) defs.push(vregText(target, v, def, locations) + typeText(v, v.cells.at(def), operand));
      if (!isDef || operand.role === 'mod') rest.push(vregText(target, v, cell, locations));
      cell += operand.cells;
      continue;
    }
    switch (operand.kind) {
      case 'memory':
        rest.push(memoryText(target, v, cell, locations));
        break;
      case 'immediate':
        rest.push(operand.word === 'i64' ? wideText(v.cells.at(cell), v.cells.at(cell + 1)) : String(v.cells.at(cell)));
        break;
      case 'condition':
        rest.push(target.conditionNames[v.cells.at(cell)] ?? `condition${v.cells.at(cell)}`);
        break;
      case 'block':
        rest.push(`block${v.cells.at(cell)}${argumentsText(v, block)}`);
        break;
      case 'function':
        rest.push(`fn${v.cells.at(cell)}`);
        break;
      case 'trap':
        rest.push(trapNameOf(v.cells.at(cell)) ?? `trap${v.cells.at(cell)}`);
        break;
      case 'blocks': {
        const n = v.cells.at(cell);
        rest.push(`[${Array.from({ length: n }, (_, i) => `block${v.cells.at(cell + 1 + i)}`).join(', ')}]`);
        cell += 1 + n;
        break;
      }
      case 'list': {
        const n = v.cells.at(cell);
        const items: string[] = [];
        for (let i = 0; i < n; i++) {
          const at = cell + 1 + 2 * i;
          const type = operand.role === 'def' ? typeText(v, v.cells.at(at), undefined) : '';
          items.push(`${vregText(target, v, at, locations)}${type}@${target.registerName(v.cells.at(at + 1), fullWidth)}`);
        }
        if (operand.role === 'def') defs.push(...items);
        else rest.push(`(${items.join(', ')})`);
        cell += 1 + 2 * n;
        break;
      }
    }
    cell += operand.cells;
  }
  const trap = v.traps.at(inst);
  const origin = v.origins.at(inst);
  const text = `${defs.length === 0 ? '' : `${defs.join(', ')} = `}${shape.name}${rest.length === 0 ? '' : ` ${rest.join(', ')}`}`;
  return `${text}${trap === 0 ? '' : ` !${trapNameOf(trap) ?? trap}`}${origin < 0 ? '' : ` @${origin}`}`;
}

const wideText = (low: number, high: number): string => `0x${((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(16)}`;

function argumentsText(v: Vcode, block: number): string {
  const n = argumentCountOf(v, block);
  return n === 0 ? '' : `(${Array.from({ length: n }, (_, i) => `r${blockArgumentAt(v, block, i)}`).join(', ')})`;
}

/** The head of a block: its parameters and loop depth. */
export function blockHeader(v: Vcode, block: number): string {
  const n = parameterCountOf(v, block);
  const parameters = Array.from({ length: n }, (_, i) => {
    const vreg = blockParameterAt(v, block, i);
    return `r${vreg}${typeText(v, vreg, undefined)}`;
  });
  const depth = v.loopDepth.at(block);
  return `block${block}${n === 0 ? '' : `(${parameters.join(', ')})`}${depth === 0 ? '' : ` loop ${depth}`}:`;
}

export interface VcodePrintOptions {
  readonly name?: string;
  /** Origins are printed unless this is false. */
  readonly origins?: boolean;
}

/** A whole function; with `code`'s allocation when one is given. */
export function printVcode(target: TextTarget, v: Vcode, options: VcodePrintOptions = {}, allocated?: AllocatedCode): string {
  const { params, results } = v.signature;
  const lines = [`function ${options.name ?? `f${v.index}`}(${params.join(', ')})${results.length === 0 ? '' : ` -> ${results.join(', ')}`} {`];
  if (v.outgoingBytes !== 0) lines.push(`outgoing ${v.outgoingBytes}`);
  if (v.keepsVmctx) lines.push('keeps_vmctx');
  if (v.stackCheck !== undefined) lines.push(v.stackCheck < 0 ? 'stack_check' : `stack_check @${v.stackCheck}`);
  if (allocated !== undefined) lines.push(...slotLines(allocated.allocation));
  const moves = allocated?.allocation.moves;
  let move = 0;
  for (let block = 0; block < blockCountOf(v); block++) {
    lines.push(blockHeader(v, block));
    for (let inst = firstInstOf(v, block); inst < endInstOf(v, block); inst++) {
      for (; moves !== undefined && move < moves.before.length && (moves.before[move] as number) <= inst; move++) {
        const [from, to] = [moves.from[move] as number, moves.to[move] as number];
        lines.push(`    move ${locationName(target, from)} -> ${locationName(target, to)} : ${moves.bytes[move]}`);
      }
      const text = printVInst(target, v, inst, block, allocated?.locations);
      lines.push(`    ${options.origins === false ? text.replace(/ @\d+$/, '') : text}`);
    }
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function slotLines(allocation: Allocation): string[] {
  if (allocation.spillBytes === 0) return ['spill 0'];
  const slots = Array.from(allocation.slotOffset, (offset, slot) => `slot${slot} at ${offset} : ${allocation.slotBytes[slot]}`);
  return [`spill ${allocation.spillBytes}`, ...slots];
}

/** The allocated function as text. */
export function printAllocated(target: TextTarget, code: AllocatedCode, options: VcodePrintOptions = {}): string {
  return printVcode(target, code.vcode, options, code);
}
