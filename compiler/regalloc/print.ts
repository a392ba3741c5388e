// Allocation problems and their answers as text; parse.ts is the inverse. One problem:
//
//   problem name {
//   registers i0 i1 i2 / f0 f1 / scratch i30 f30
//   vregs i8 i4 f16                             class and bytes of r0, r1, r2
//   slots 8@0 4@8 area 16                       with an allocation only: bytes @ offset of s0, s1
//   block0:
//       op def r0 fixed i0 @ i0, def r1 any @ s1
//       move.8 i1 <- i0                         stands before the next instruction
//       copy use r0 register @ i1, def r3 register @ i1
//       op use late r0 any, def early r2 register, def r4 reuse 0, clobber i0 f1
//       op
//       to block1(r0)
//   block1(r5) depth 1:
//       op use r5 stack
//       end
//   }
//
// `use` is early and `def` is late unless the word stands there. `@` gives a location.

import { i32At, u8At } from '../base/cells.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { type Allocation, type Problem, problemBlockCount } from './problem.ts';
import { locationName } from './proof.ts';

const constraintNames: readonly string[] = Object.entries(constraints)
  .sort(([, x], [, y]) => x - y)
  .map(([name]) => name);

function printOperand(p: Problem, a: Allocation | undefined, k: number): string {
  const operand = i32At(p.operands, k) as Operand;
  const constraint = constraintOf(operand);
  const words = [isDef(operand) ? 'def' : 'use'];
  if (isDef(operand) !== isLate(operand)) words.push(isLate(operand) ? 'late' : 'early');
  words.push(`r${vregOf(operand)}`, constraintNames[constraint] ?? '?');
  if (constraint === constraints.fixed) words.push(locationName(detailOfOperand(operand)));
  if (constraint === constraints.reuse) words.push(String(detailOfOperand(operand)));
  if (a !== undefined) words.push('@', locationName(i32At(a.locations, k)));
  return words.join(' ');
}

function printInstruction(p: Problem, a: Allocation | undefined, inst: number): string {
  const parts: string[] = [];
  for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) parts.push(printOperand(p, a, k));
  const clobbers: string[] = [];
  for (let r = 0; r < 64; r++) {
    const mask = r < 32 ? i32At(p.clobberInt, inst) : i32At(p.clobberFloat, inst);
    if (((mask >>> (r & 31)) & 1) !== 0) clobbers.push(locationName(r));
  }
  if (clobbers.length > 0) parts.push(`clobber ${clobbers.join(' ')}`);
  return `${u8At(p.isCopy, inst) === 1 ? 'copy' : 'op'} ${parts.join(', ')}`.trimEnd();
}

function listOf(names: Int32Array, start: number, end: number): string {
  if (start === end) return '';
  return `(${Array.from(names.subarray(start, end), (v) => `r${v}`).join(', ')})`;
}

function printExit(p: Problem, block: number): string {
  const targets = Array.from(p.successors.subarray(i32At(p.successorStart, block), i32At(p.successorStart, block + 1)), (s) => `block${s}`);
  if (targets.length === 0) return 'end';
  return `to ${targets.join(', ')}${listOf(p.arguments, i32At(p.argumentStart, block), i32At(p.argumentStart, block + 1))}`;
}

/** Text of `p` and, if given, of its allocation `a`. */
export function printProblem(p: Problem, a?: Allocation, name = 'unnamed'): string {
  const lines = [`problem ${name} {`];
  const [ints, floats] = p.registers.allocatable.map((pool) => pool.map(locationName).join(' '));
  lines.push(`registers ${ints} / ${floats} / scratch ${p.registers.scratch.map(locationName).join(' ')}`);
  for (let v = 0; v < p.vregClass.length; v += 16) {
    const group = Array.from(p.vregClass.subarray(v, v + 16), (c, i) => `${c === 0 ? 'i' : 'f'}${u8At(p.vregBytes, v + i)}`);
    lines.push(`vregs ${group.join(' ')}`);
  }
  if (a !== undefined) lines.push(['slots', ...Array.from(a.slotBytes, (bytes, s) => `${bytes}@${i32At(a.slotOffset, s)}`), 'area', String(a.spillBytes)].join(' '));
  let m = 0;
  for (let block = 0; block < problemBlockCount(p); block++) {
    const depth = u8At(p.loopDepth, block);
    const parameters = listOf(p.parameters, i32At(p.parameterStart, block), i32At(p.parameterStart, block + 1));
    lines.push(`block${block}${parameters}${depth > 0 ? ` depth ${depth}` : ''}:`);
    for (let inst = i32At(p.blockStart, block); inst < i32At(p.blockStart, block + 1); inst++) {
      for (; a !== undefined && m < a.moves.to.length && i32At(a.moves.before, m) === inst; m++) {
        lines.push(`    move.${u8At(a.moves.bytes, m)} ${locationName(i32At(a.moves.to, m))} <- ${locationName(i32At(a.moves.from, m))}`);
      }
      lines.push(`    ${printInstruction(p, a, inst)}`);
    }
    lines.push(`    ${printExit(p, block)}`);
  }
  lines.push('}');
  return lines.join('\n') + '\n';
}
