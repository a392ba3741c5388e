// Chooses machine instructions for a function: IR → vcode, by the target's rules.
// Needs:  verified IR. Leaves: vcode over virtual registers, in the shape that vcode.ts states.
// Method: blocks in reverse layout order, instructions from last to first, so that every use is known before its definition: a pure value that
//         no rule asked for in a register is not computed. A rule emits a group of instructions in forward order; the groups of a block are
//         reversed at the end. Constants and the vmctx are made anew at each use.
//         A rule may look through an operand to its definition if that is pure and in the same block, or a load used once with nothing between
//         the two that could change memory or trap (value-uses.ts). A load merged that way is not emitted again.
// Control: a rule that a more general one can stand in for is an optional change; without fuel the general one fires.
// Cost:   linear in instructions, times the rules tried at each.

import { type Block, type Inst, type VReg, type Value, asBlock, asInst, asVReg } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import type { Control } from '../base/control.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import {
  type BlockCall,
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  detailOf,
  entryBlock,
  instCount,
  maybeBlockOf,
  maybeDefinitionOf,
  maybeFirstParameter,
  maybeLastInst,
  maybeNextParameter,
  maybePreviousInst,
  opcodeOf,
  originOf,
  resolve,
  resultAt,
  resultCount,
  successorAt,
  typeOf,
  valueCount,
} from '../ir/function.ts';
import { type Opcode, opcodeName, op } from '../ir/opcodes.ts';
import type { CanLookThrough, RuleSet } from '../ir/rule-set.ts';
import { type Type, isInteger, typeBytes } from '../ir/types.ts';
import { type BlockOrder, orderBlocks } from './block-order.ts';
import { finishVcode } from './finish-vcode.ts';
import { type InstructionRow, type InstructionSet, bases } from './instruction.ts';
import { findWideParameters } from './wide-parameters.ts';
import { type ValueUses, countUses, isLoad, isPure, isReadonlyFlags, mayBeDropped, trapOfFlags } from './value-uses.ts';
import { type VRegClass, Vcode, beginInst, constantOf, createVReg, widenVReg } from './vcode.ts';

/** What a backend supplies for selection. Each rule set is matched against its own kind of root. */
export interface Lowering {
  readonly instructions: InstructionSet<InstructionRow>;
  /** Roots: iconst, fconst, vmctx; the right side leaves the value in `c.result()`. */
  readonly constants: RuleSet<Selector, void>;
  /** Root: an i64 value; the right side sets the address fields. */
  readonly addresses: RuleSet<Selector, void>;
  /** Root: an i32 value; the right side emits what sets the flags and says by `c.setCondition` which condition holds when it is not zero. */
  readonly conditions: RuleSet<Selector, void>;
  /** Roots: everything else. */
  readonly operations: RuleSet<Selector, void>;
  /** Emits the `args` of the entry: gives the function's parameters their registers. `vregs[i]` is -1 for one that nobody uses. */
  enter(c: Selector, parameters: readonly number[]): void;
  /** Emits an unconditional branch. */
  jump(c: Selector, target: Block): void;
  /** Row that copies the low 4 bytes of an integer register. */
  readonly narrowCopy: number;
  /** For an ISA whose 32-bit instructions clear the upper half: the opcodes lowered to one in every case, and the row that extends 4 bytes to 8. */
  readonly widening?: { readonly clears: (opcode: Opcode) => boolean; readonly extend: number };
}

const none = -1;
const wideBytes = 8;

/** Storage that serves one function after another. Selection is not reentrant, and leaves nothing in it that the next one reads. */
class SelectionScratch {
  readonly stage = new Vcode(-1, { params: [], results: [] }, 4096, 16384, 4096);
  readonly groupStart = new Int32Column(4096);
  readonly aliasOf = new Int32Column(4096);
  readonly argumentCells = new Int32Column();
  clear(): void {
    this.stage.clearStage();
    this.groupStart.clear();
    this.aliasOf.clear();
    this.argumentCells.clear();
  }
}

export class Selector {
  readonly f: IrFunction;
  readonly lowering: Lowering;
  readonly features: ReadonlySet<string>;
  /** The address an instruction with a memory operand takes; set by `address…`. */
  private readonly memoryAddress = new Int32Array(4);
  private memoryTrap = 0;
  /** Condition that `conditionOf` found: `condition` alone, or with `condition2` both (`every`) or one of them. */
  condition = 0;
  condition2 = none;
  every = false;

  private readonly control: Control;
  private readonly order: BlockOrder;
  private readonly uses: ValueUses;
  private readonly valueVReg: Int32Array;
  private readonly sunk: Uint8Array;
  /** By value, 1 for a block parameter kept zero-extended; see wide-parameters.ts. */
  private readonly wide: Uint8Array | undefined;
  private readonly aliasOf: Int32Column;
  /** Instructions under construction: groups in the order of visiting. */
  private readonly stage: Vcode;
  private readonly groupStart: Int32Column;
  private readonly blockFirstGroup: Int32Array;
  /** Per vcode block, position in `argumentCells` of a count and that many virtual registers; -1 without arguments. */
  private readonly argumentsOf: Int32Array;
  private readonly argumentCells: Int32Column;
  /** The vcode block being selected, and the IR block it copies or -1. */
  private block = 0;
  private irBlock: number = none;
  private root: Inst = asInst(0);
  private origin = none;
  private override: number = none;
  private rule = none;
  private readonly ruleNames: string[] | undefined;
  private readonly ruleNumbers: Map<string, number> | undefined;
  /** A field's initial value, since V8 allocates a function that is assigned to a property as if it were to live for ever, and with it all that it can reach. */
  private readonly look: CanLookThrough = (value) => this.mayLookThrough(value);

  constructor(f: IrFunction, lowering: Lowering, features: ReadonlySet<string>, control: Control, ruleNames: string[] | undefined, scratch: SelectionScratch) {
    this.f = f;
    scratch.clear();
    this.groupStart = scratch.groupStart;
    this.aliasOf = scratch.aliasOf;
    this.argumentCells = scratch.argumentCells;
    this.lowering = lowering;
    this.features = features;
    this.control = control;
    this.order = orderBlocks(f);
    this.uses = countUses(f, this.order.irBlock);
    this.valueVReg = newInt32s(valueCount(f)).fill(none);
    this.sunk = newBytes(instCount(f));
    this.wide = lowering.widening === undefined ? undefined : findWideParameters(f, this.order, lowering.widening.clears);
    this.stage = scratch.stage;
    this.blockFirstGroup = newInt32s(this.order.count + 1);
    this.argumentsOf = newInt32s(this.order.count).fill(none);
    this.ruleNumbers = ruleNames === undefined ? undefined : numbersOf(ruleNames);
    this.ruleNames = ruleNames;
  }

  // ---- for rules: values and virtual registers

  /** The virtual register that holds `value`; constants are made anew, in front of what the rule emits next. */
  use(value: Value): VReg {
    const v = resolve(this.f, value);
    const definition = maybeDefinitionOf(this.f, v);
    if (definition !== undefined) {
      const opcode = opcodeOf(this.f, definition);
      if (opcode === op.iconst || opcode === op.fconst || opcode === op.vmctx) return this.rematerialise(definition, typeOf(this.f, v));
    }
    return this.vregOf(v);
  }
  /** The virtual register of the root's only result. */
  result(): VReg {
    if (this.override >= 0) return asVReg(this.override);
    return this.resultNumber(0);
  }
  resultNumber(number: number): VReg {
    return this.vregOf(resultAt(this.f, this.root, number));
  }
  /** Whether anything uses result `number` of the root. */
  isUsed(number: number): boolean {
    return (this.valueVReg[resultAt(this.f, this.root, number)] as number) >= 0;
  }
  temp(vregClass: VRegClass, bytes: number): VReg {
    this.aliasOf.push(none);
    return createVReg(this.stage, vregClass, bytes);
  }
  /** Makes the root's result another name of `vreg`, which has at least as many meaningful bytes. */
  alias(vreg: number): void {
    const result: number = this.result();
    if (result === vreg) bug('alias of itself', `r${result}`);
    this.aliasOf.set(result, vreg);
  }
  /** True if the value has more than one use (or is computed from for one that has). */
  isShared(value: Value): boolean {
    return this.uses.state[value] === 2;
  }
  /** Asks for more meaningful bytes of `value` than its type has; its definition must supply them. */
  useWide(value: Value, bytes: number): VReg {
    const vreg = this.vregOf(resolve(this.f, value));
    widenVReg(this.stage, vreg, bytes);
    return vreg;
  }
  /** True for an i32 value whose register is zero-extended to 8 bytes: a block parameter chosen for it, or what an instruction has cleared above. */
  isClearedAbove(value: Value): boolean {
    return this.isWide(value) || this.lowering.widening?.clears(this.definingOpcode(value) as Opcode) === true;
  }
  private isWide(value: Value): boolean {
    return this.wide !== undefined && this.wide[value] === 1;
  }
  /** The opcode that defines `value`, or -1 for a block parameter. */
  definingOpcode(value: Value): number {
    const definition = maybeDefinitionOf(this.f, value);
    return definition === undefined ? none : opcodeOf(this.f, definition);
  }
  isVmctx(value: Value): boolean {
    return this.definingOpcode(value) === op.vmctx;
  }

  // ---- for rules: addresses, conditions, blocks

  /** Sets the address to `value + offset`, by the address rules; `flags` are the access's. */
  address(value: Value, offset: number, flags: number): void {
    this.setAddress(none, none, 0, offset, 0);
    this.applyToValue(this.lowering.addresses, value);
    this.memoryTrap = trapOfFlags(flags);
  }
  /** Sets the address fields. */
  setAddress(base: number, index: number, scale: number, displacement: number, trap: number): void {
    const a = this.memoryAddress;
    a[0] = base;
    a[1] = index;
    a[2] = scale;
    a[3] = displacement;
    this.memoryTrap = trap;
  }
  get displacement(): number {
    return this.memoryAddress[3] as number;
  }
  addressVmctx(offset: number): void {
    this.setAddress(bases.vmctx, none, 0, offset, 0);
  }
  addressConstant(constant: number): void {
    this.setAddress(bases.constant, none, 0, constant, 0);
  }
  /** What stands in a base cell for `value`: a virtual register, or the pinned one. */
  base(value: Value): number {
    return this.isVmctx(value) ? bases.vmctx : this.use(value);
  }
  /** Emits what sets the flags for `value` and leaves the condition in the fields. */
  conditionOf(value: Value): void {
    this.condition2 = none;
    this.every = false;
    this.applyToValue(this.lowering.conditions, value);
  }
  /** For condition rules. */
  setCondition(condition: number): void {
    this.condition = condition;
  }
  setConditions(condition: number, condition2: number, every: boolean): void {
    this.condition = condition;
    this.condition2 = condition2;
    this.every = every;
  }
  /** The vcode block that successor `number` of the root leads to. */
  target(number: number): Block {
    const { targets, targetStart } = this.order;
    return asBlock(targets[(targetStart[this.irBlock] as number) + number] as number);
  }
  /** Passes the arguments of the root's only successor; their constants are emitted here, before the branch. */
  passArguments(): void {
    this.pass(successorAt(this.f, this.root, 0));
  }

  // ---- for rules: what belongs to the function

  /** Entry of the constant pool with these bytes. */
  constant(bytes: 4 | 8 | 16, a: number, b = 0, c = 0, d = 0): number {
    return constantOf(this.stage, bytes, a, b, c, d);
  }
  /** Makes room for a callee's stack arguments and results. */
  needOutgoing(bytes: number): void {
    this.stage.outgoingBytes = Math.max(this.stage.outgoingBytes, bytes);
  }
  /** The function calls with another vmctx than its own. */
  keepVmctx(): void {
    this.stage.keepsVmctx = true;
  }
  /** The prologue checks the stack on behalf of the root. */
  checkStack(): void {
    this.stage.stackCheck = this.origin;
  }

  // ---- for rules: emitting

  /** Appends an instruction; arguments fill its cells in order, the memory operand's four come from the address. */
  emit(row: number, a = 0, b = 0, c = 0, d = 0, e = 0, g = 0): void {
    const shape = this.lowering.instructions.shape(row);
    const at = shape.memoryCell;
    const cells = this.stage.cells;
    this.begin(row, at < 0 ? 0 : this.memoryTrap);
    const count = at < 0 ? shape.cells : shape.cells - 4;
    if (at === 0) this.pushAddress();
    if (count > 0) cells.push(a);
    if (at === 1) this.pushAddress();
    if (count > 1) cells.push(b);
    if (at === 2) this.pushAddress();
    if (count > 2) cells.push(c);
    if (count > 3) cells.push(d);
    if (count > 4) cells.push(e);
    if (count > 5) cells.push(g);
    if (count > 6) bug('instruction has too many operands', shape.name);
  }
  /** Opens an instruction whose cells the caller pushes by `cell`. */
  begin(row: number, trap = 0): void {
    beginInst(this.stage, row, this.origin, trap, this.rule);
  }
  cell(value: number): void {
    this.stage.cells.push(value);
  }
  private pushAddress(): void {
    const cells = this.stage.cells;
    const a = this.memoryAddress;
    cells.push(a[0] as number);
    cells.push(a[1] as number);
    cells.push(a[2] as number);
    cells.push(a[3] as number);
  }

  // ---- the work

  /** Selects the whole function. */
  run(): Vcode {
    const order = this.order;
    for (let number = order.count - 1; number >= 0; number--) {
      this.blockFirstGroup[number] = this.groupStart.length;
      this.block = number;
      const block = order.irBlock[number] as number;
      this.irBlock = block;
      if (block >= 0) {
        this.selectBlock(asBlock(block));
        if (number === 0) this.enter();
      } else this.selectEdge(order.edgeCall[number] as BlockCall);
    }
    return finishVcode(this.stage, {
      order,
      f: this.f,
      groupStart: this.groupStart,
      blockFirstGroup: this.blockFirstGroup,
      aliasOf: this.aliasOf,
      argumentsOf: this.argumentsOf,
      argumentCells: this.argumentCells,
      valueVReg: this.valueVReg,
      instructions: this.lowering.instructions,
      narrowCopy: this.lowering.narrowCopy,
    });
  }

  private openGroup(origin: number): void {
    this.groupStart.push(this.stage.rows.length);
    this.origin = origin;
    this.rule = none;
  }

  private selectBlock(block: Block): void {
    const f = this.f;
    // Parameters always have registers, so that arguments have a place to go.
    for (let p = maybeFirstParameter(f, block); p !== undefined; p = maybeNextParameter(f, p)) {
      if (this.block !== 0) this.vregOf(p);
    }
    for (let inst: Inst | undefined = maybeLastInst(f, block); inst !== undefined; inst = maybePreviousInst(f, inst)) {
      const opcode = opcodeOf(f, inst);
      if (this.sunk[inst] === 1 || opcode === op.iconst || opcode === op.fconst || opcode === op.vmctx) continue;
      if ((mayBeDropped(opcode) || (isLoad(opcode) && trapOfFlags(detailOf(f, inst)) === 0)) && !this.hasUsedResult(inst)) continue;
      this.root = inst;
      this.openGroup(originOf(f, inst));
      this.lowerInst(inst);
    }
  }

  private lowerInst(inst: Inst): void {
    const set = this.lowering.operations;
    const rule = set.find(this.f, inst, this.look, this, this.control);
    if (rule === undefined) bug(`no rule for ${opcodeName(opcodeOf(this.f, inst))}`, `inst${inst}`);
    this.noteSunk(set);
    this.fired(rule.name);
    rule.apply(set.match, this);
  }

  /** Matches a value against one of the sets that work on values, and applies the rule. */
  private applyToValue(set: RuleSet<Selector, void>, value: Value): void {
    const rule = set.findValue(this.f, value, this.look, this, this.control, this.isRootResult(value));
    if (rule === undefined) bug('no rule for a value', `v${value}`);
    this.noteSunk(set);
    this.fired(rule.name);
    rule.apply(set.match, this);
  }

  /** Whether the root makes `value`: what makes it cannot rely on its being there. */
  private isRootResult(value: Value): boolean {
    return maybeDefinitionOf(this.f, value) === this.root;
  }

  private fired(name: string): void {
    this.control.fired(name);
    if (this.ruleNumbers === undefined || this.ruleNames === undefined) return;
    let number = this.ruleNumbers.get(name);
    if (number === undefined) {
      number = this.ruleNames.push(name) - 1;
      this.ruleNumbers.set(name, number);
    }
    this.rule = number;
  }

  /** Loads that the match looked through are executed by the instruction they were merged into. */
  private noteSunk(set: RuleSet<Selector, void>): void {
    const match = set.match;
    for (let i = 0; i < match.lookedCount; i++) {
      const definition = maybeDefinitionOf(this.f, match.lookedAt(i));
      if (definition !== undefined && isLoad(opcodeOf(this.f, definition))) this.sunk[definition] = 1;
    }
  }

  private mayLookThrough(value: Value): boolean {
    const f = this.f;
    const definition = maybeDefinitionOf(f, value);
    if (definition === undefined || maybeBlockOf(f, definition) !== this.irBlock) return false;
    const opcode = opcodeOf(f, definition);
    if (isPure(opcode)) return true;
    if (!isLoad(opcode) || this.uses.state[value] !== 1 || (this.valueVReg[value] as number) >= 0) return false;
    const flags = detailOf(f, definition);
    const traps = trapOfFlags(flags) !== 0;
    if (!traps && isReadonlyFlags(flags)) return true;
    const colour = this.uses.colour;
    return (colour[definition] as number) + (traps ? 1 : 0) === colour[this.root];
  }

  private hasUsedResult(inst: Inst): boolean {
    const n = resultCount(this.f, inst);
    for (let i = 0; i < n; i++) if ((this.valueVReg[resultAt(this.f, inst, i)] as number) >= 0) return true;
    return false;
  }

  private vregOf(value: Value): VReg {
    const known = this.valueVReg[value] as number;
    if (known >= 0) return asVReg(known);
    const vreg = this.isWide(value) ? this.temp(0, wideBytes) : this.vregForType(typeOf(this.f, value));
    this.valueVReg[value] = vreg;
    return vreg;
  }
  vregForType(type: Type): VReg {
    return this.temp(isInteger(type) ? 0 : 1, typeBytes(type));
  }

  private rematerialise(definition: Inst, type: Type): VReg {
    const savedRoot = this.root;
    const savedOverride = this.override;
    const savedTrap = this.memoryTrap;
    const savedRule = this.rule;
    const a = this.memoryAddress;
    const [base, index, scale, displacement] = [a[0] as number, a[1] as number, a[2] as number, a[3] as number];
    const vreg = this.vregForType(type);
    this.root = definition;
    this.override = vreg;
    const set = this.lowering.constants;
    const rule = set.find(this.f, definition, this.look, this, this.control);
    if (rule === undefined) bug('no rule for a constant', `inst${definition}`);
    this.fired(rule.name);
    rule.apply(set.match, this);
    this.root = savedRoot;
    this.override = savedOverride;
    this.rule = savedRule;
    this.setAddress(base, index, scale, displacement, savedTrap);
    return vreg;
  }

  // ---- edges, arguments, entry

  private selectEdge(call: BlockCall): void {
    this.openGroup(none);
    this.pass(call);
    this.lowering.jump(this, asBlock(this.order.blockOf[blockOfCall(this.f, call)] as number));
  }

  /** Demands the arguments of a block call for the current block; constants among them are emitted here. */
  private pass(call: BlockCall): void {
    const n = argumentCount(this.f, call);
    if (n === 0) return;
    let parameter = maybeFirstParameter(this.f, blockOfCall(this.f, call));
    const vregs: number[] = [];
    for (let i = 0; i < n && parameter !== undefined; i++) {
      const argument = argumentAt(this.f, call, i);
      vregs.push(this.isWide(parameter) ? this.useExtended(argument) : this.use(argument));
      parameter = maybeNextParameter(this.f, parameter);
    }
    this.argumentsOf[this.block] = this.argumentCells.push(n);
    for (let i = 0; i < n; i++) this.argumentCells.push(vregs[i] as number);
  }

  /** An i32 value zero-extended to 8 bytes. */
  private useExtended(value: Value): VReg {
    if (this.isClearedAbove(value)) return this.useWide(value, wideBytes);
    const vreg = this.use(value);
    if (this.definingOpcode(value) === op.iconst) {
      widenVReg(this.stage, vreg, wideBytes);
      return vreg;
    }
    const extended = this.temp(0, wideBytes);
    this.emit(this.lowering.widening?.extend ?? bug('no row extends'), extended, vreg);
    return extended;
  }

  private enter(): void {
    const vregs: number[] = [];
    for (let p = maybeFirstParameter(this.f, entryBlock(this.f)); p !== undefined; p = maybeNextParameter(this.f, p)) {
      vregs.push(this.valueVReg[p] as number);
    }
    this.openGroup(none);
    this.lowering.enter(this, vregs);
  }
}

const scratchOf = new WeakMap<Lowering, SelectionScratch>();
const numbersOfNames = new WeakMap<string[], Map<string, number>>();

/** Numbers by name of a growing list that only selection appends to. */
function numbersOf(names: string[]): Map<string, number> {
  let numbers = numbersOfNames.get(names);
  if (numbers?.size !== names.length) {
    numbers = new Map(names.map((name, number) => [name, number]));
    numbersOfNames.set(names, numbers);
  }
  return numbers;
}

/** Selects instructions for `f`. `ruleNames` collects the names that `v.rules` refers to, when given. */
export function select(
  f: IrFunction,
  lowering: Lowering,
  features: ReadonlySet<string>,
  control: Control,
  ruleNames?: string[],
): Vcode {
  let scratch = scratchOf.get(lowering);
  if (scratch === undefined) scratchOf.set(lowering, (scratch = new SelectionScratch()));
  return new Selector(f, lowering, features, control, ruleNames, scratch).run();
}
