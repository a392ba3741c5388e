// Global value numbering: an operation that was computed before, on every path that leads here, is not computed again.
// Needs:  no unreachable blocks of interest: only reachable ones are looked at.
// Leaves: same CFG; results replaced by aliases, repeated checks and loads gone. Every trap that can happen still happens at its first place.
// Method: walk of the dominator tree with a scoped table from (opcode, type, condition or flags, operands, immediate) to instruction: what is in
//         the table dominates what is looked up. Guarded operations need no more than that: where the first may run, its check has passed.
//         Loads carry the version of their region, which a store to it or a call changes; a block with one predecessor goes on with that one's
//         versions, any other begins with new ones. A store puts its value into the table as if it were loaded. A check that repeats one which
//         dominates it cannot fail.
// Cost:   linear for a good hash; the table is undone scope by scope.
// Source: Briggs, Cooper, Simpson, "Value Numbering", 1997 (dominator-based).

import { type Inst, asBlock, asInst, asValue } from '../base/entity.ts';
import type { Control } from '../base/control.ts';
import { newInt32s } from '../base/storage.ts';
import { allRegions, isReadonly, regionCount, regionOfFlags, regionsWritten } from '../analysis/aliases.ts';
import { computeCfg, predecessorAt, predecessorCount } from '../analysis/cfg.ts';
import { computeDominators } from '../analysis/dominators.ts';
import {
  type IrFunction,
  blockCount,
  constantHighOf,
  constantLowOf,
  controlTypeOf,
  detailOf,
  firstOperand,
  immediateOf,
  instCount,
  maybeFirstInst,
  maybeNextInst,
  opcodeOf,
  removeInst,
  replaceValue,
  resultOf,
  secondOperand,
  thirdOperand,
  typeOf,
} from '../ir/function.ts';
import { type Opcode, op, opcodeCount, rowOf } from '../ir/opcodes.ts';
import { type Type, f32, i32 } from '../ir/types.ts';
import { fixedOperands, isConstant } from '../ir/typing.ts';

/** What the walk does with an opcode. */
const kinds = { skip: 0, pure: 1, load: 2, store: 3, check: 4, barrier: 5 } as const;
const kindOf = Uint8Array.from({ length: opcodeCount }, (_, code) => {
  const opcode = code as Opcode;
  switch (rowOf(opcode).effect) {
    case 'none':
    case 'guarded':
      return kinds.pure;
    case 'load':
      return kinds.load;
    case 'store':
      return kinds.store;
    case 'trap':
      return opcode === op.stack_check ? kinds.skip : kinds.check;
    case 'call':
      return kinds.barrier;
    case 'control':
      return kinds.skip;
  }
});
const operandsOf = Int8Array.from({ length: opcodeCount }, (_, code) => fixedOperands(code as Opcode));
const commutative = Uint8Array.from({ length: opcodeCount }, (_, code) => (rowOf(code as Opcode).commutative === true ? 1 : 0));

/** Bits of packed memory flags that decide which bytes are meant: the region, and whether they may change. Trap codes do not. */
const placeBits = 31;

export function numberValues(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const tree = computeDominators(cfg);
  const table = new Table(f);
  // Versions of each block's regions at its end; versions are numbers never used twice.
  const versions = newInt32s(blockCount(f) * regionCount);
  const now = newInt32s(regionCount);
  let freshVersion = 1;

  // Blocks whose subtree is being walked, by their last position in the preorder and the table's size when they began.
  const endOfScope: number[] = [];
  const sizeAtStart: number[] = [];
  for (let n = 0; n < tree.preorder.length; n++) {
    const block = asBlock(tree.preorder[n] as number);
    while (endOfScope.length > 0 && (endOfScope.at(-1) as number) <= n) {
      endOfScope.pop();
      table.shrink(sizeAtStart.pop() as number);
    }
    endOfScope.push(n + (tree.size[block] as number));
    sizeAtStart.push(table.size);

    const inherits = n > 0 && predecessorCount(cfg, block) === 1;
    const from = inherits ? predecessorAt(cfg, block, 0) * regionCount : 0;
    for (let r = 0; r < regionCount; r++) now[r] = inherits ? (versions[from + r] as number) : freshVersion++;

    let next: Inst | undefined;
    for (let i = maybeFirstInst(f, block); i !== undefined; i = next) {
      next = maybeNextInst(f, i);
      const kind = kindOf[opcodeOf(f, i)];
      if (kind === kinds.skip) continue;
      if (kind === kinds.pure || kind === kinds.check) visitPlain(f, table, i, kind === kinds.check, control);
      else if (kind === kinds.load) visitLoad(f, table, i, isReadonly(detailOf(f, i)) ? 0 : (now[regionOfFlags(detailOf(f, i))] as number), control);
      else {
        const written = kind === kinds.barrier ? allRegions : regionsWritten(f, i);
        for (let r = 0; r < regionCount; r++) if ((written >> r) & 1) now[r] = freshVersion++;
        if (kind === kinds.store && opcodeOf(f, i) === op.store) table.addStored(i, now[regionOfFlags(detailOf(f, i))] as number);
      }
    }
    versions.set(now, block * regionCount);
  }
}

function visitPlain(f: IrFunction, table: Table, inst: Inst, isCheck: boolean, control: Control): void {
  const known = table.findOrAdd(inst, 0);
  if (known < 0) return;
  if (isCheck) {
    if (!control.may('number-values/check')) return;
    control.fired('number-values/check');
    removeInst(f, inst);
    return;
  }
  if (!control.may('number-values')) return;
  control.fired('number-values');
  replaceValue(f, resultOf(f, inst), resultOf(f, asInst(known)));
  removeInst(f, inst);
}

function visitLoad(f: IrFunction, table: Table, inst: Inst, version: number, control: Control): void {
  const known = table.findOrAdd(inst, version);
  if (known < 0) return;
  const source = asInst(known);
  const stored = opcodeOf(f, source) === op.store;
  const name = stored ? 'number-values/stored' : 'number-values/load';
  if (!control.may(name)) return;
  control.fired(name);
  replaceValue(f, resultOf(f, inst), stored ? firstOperand(f, source) : resultOf(f, source));
  removeInst(f, inst);
}

const initialBuckets = 256;

/** A hash table of instructions with chains, whose entries are removed in the opposite order to that in which they came. */
class Table {
  private readonly f: IrFunction;
  private readonly heads: Int32Array;
  private readonly mask: number;
  private readonly entryInst: Int32Array;
  private readonly entryVersion: Int32Array;
  private readonly entryHash: Int32Array;
  private readonly entryNext: Int32Array;
  size = 0;
  // The key of the instruction being looked up.
  private opcode = 0 as Opcode;
  private type: Type | 0 = 0;
  private detail = 0;
  private a = 0;
  private b = 0;
  private c = 0;
  private immediate = 0;

  constructor(f: IrFunction) {
    this.f = f;
    const count = instCount(f);
    let buckets = initialBuckets;
    while (buckets < count) buckets *= 2;
    this.heads = newInt32s(buckets).fill(-1);
    this.mask = buckets - 1;
    this.entryInst = newInt32s(count);
    this.entryVersion = newInt32s(count);
    this.entryHash = newInt32s(count);
    this.entryNext = newInt32s(count);
  }

  /** An instruction with the same key and version, or -1 after putting `inst` into the table. */
  findOrAdd(inst: Inst, version: number): number {
    this.readKey(inst);
    const hash = this.hash(version);
    for (let e = this.heads[hash & this.mask] as number; e >= 0; e = this.entryNext[e] as number) {
      if (this.entryHash[e] === hash && this.entryVersion[e] === version && this.isKeyOf(asInst(this.entryInst[e] as number))) return this.entryInst[e] as number;
    }
    this.add(inst, version, hash);
    return -1;
  }

  /** Puts a store of a whole value into the table, where a load of it will find it. */
  addStored(inst: Inst, version: number): void {
    this.readKey(inst);
    this.add(inst, version, this.hash(version));
  }

  /** Removes the newest entries until `size` are left. */
  shrink(size: number): void {
    while (this.size > size) {
      const e = --this.size;
      this.heads[(this.entryHash[e] as number) & this.mask] = this.entryNext[e] as number;
    }
  }

  private add(inst: Inst, version: number, hash: number): void {
    const e = this.size++;
    this.entryInst[e] = inst;
    this.entryVersion[e] = version;
    this.entryHash[e] = hash;
    this.entryNext[e] = this.heads[hash & this.mask] as number;
    this.heads[hash & this.mask] = e;
  }

  /** Reads an instruction's key; a store has that of the load it answers. */
  private readKey(inst: Inst): void {
    const { f } = this;
    const opcode = opcodeOf(f, inst);
    const count = operandsOf[opcode] as number;
    this.opcode = opcode;
    this.type = controlTypeOf(f, inst);
    this.detail = detailOf(f, inst);
    this.immediate = immediateOf(f, inst);
    this.a = count > 0 ? firstOperand(f, inst) : -1;
    this.b = count > 1 ? secondOperand(f, inst) : -1;
    this.c = count > 2 ? thirdOperand(f, inst) : -1;
    if (commutative[opcode] === 1 && this.a > this.b) {
      const { a } = this;
      this.a = this.b;
      this.b = a;
    }
    const kind = kindOf[opcode];
    if (kind === kinds.store) {
      this.opcode = op.load;
      this.type = typeOf(f, asValue(this.a));
      this.a = this.b;
      this.b = -1;
      this.detail &= placeBits;
    } else if (kind === kinds.load) this.detail &= placeBits;
    // Trap codes do not matter: of two equal checks the first one traps.
    else if (kind === kinds.check) this.immediate = 0;
    else if (isConstant(opcode) && this.type !== i32 && this.type !== f32) {
      this.immediate = constantLowOf(f, inst);
      this.c = constantHighOf(f, inst);
    }
  }

  private isKeyOf(inst: Inst): boolean {
    const { opcode, type, detail, a, b, c, immediate } = this;
    this.readKey(inst);
    const same =
      opcode === this.opcode && type === this.type && detail === this.detail && a === this.a && b === this.b && c === this.c && immediate === this.immediate;
    this.opcode = opcode;
    this.type = type;
    this.detail = detail;
    this.a = a;
    this.b = b;
    this.c = c;
    this.immediate = immediate;
    return same;
  }

  private hash(version: number): number {
    let h = Math.imul(this.opcode | (this.type << 8) | (this.detail << 12), 0x9e37_79b1);
    h = Math.imul(h ^ this.a, 0x85eb_ca6b) ^ (h >>> 15);
    h = Math.imul(h ^ this.b, 0xc2b2_ae35) ^ (h >>> 13);
    h = Math.imul(h ^ this.c, 0x27d4_eb2f) ^ (h >>> 16);
    h = Math.imul(h ^ this.immediate, 0x1656_67b1) ^ (h >>> 15);
    h = Math.imul(h ^ version, 0x9e37_79b1);
    return h ^ (h >>> 16);
  }
}
